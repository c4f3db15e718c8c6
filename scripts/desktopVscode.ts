import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** A desktop VS Code: the program itself, whose life is the window's, and the command line that installs into it. */
export interface DesktopVscode {
  program: string;
  cli: string;
}

/** Finds desktop VS Code by `code` on the PATH and in its usual places; `undefined` where none could open a window. */
export function findDesktopVscode(): DesktopVscode | undefined {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
  return candidates().find(({ program, cli }) => existsSync(program) && existsSync(cli));
}

function candidates(): DesktopVscode[] {
  switch (process.platform) {
    case 'darwin':
      return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => {
        const contents = join(folder, 'Visual Studio Code.app/Contents');
        const cli = join(contents, 'Resources/app/bin/code');
        return ['Code', 'Electron'].map((name) => ({ program: join(contents, 'MacOS', name), cli }));
      });
    case 'win32':
      return [join(process.env.LOCALAPPDATA ?? '', 'Programs'), process.env.ProgramFiles ?? ''].map(
        (folder) => ({
          program: join(folder, 'Microsoft VS Code/Code.exe'),
          cli: join(folder, 'Microsoft VS Code/bin/code.cmd'),
        }),
      );
    default:
      return [...installFoldersByPath(), '/usr/share/code', '/opt/visual-studio-code'].map((folder) => ({
        program: join(folder, 'code'),
        cli: join(folder, 'bin/code'),
      }));
  }
}

/** `code` on the PATH is a link to bin/code in the folder of the install. */
function installFoldersByPath(): string[] {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'code'))
    .filter((file) => existsSync(file))
    .map((file) => dirname(dirname(realpathSync(file))));
}
