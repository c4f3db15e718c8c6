/**
 * Calls back once when this process is asked to end: by Ctrl+C, by a signal, or because the npm that runs it as a
 * script was ended. npm passes a signal on to a shell, which dies of it and leaves the script running.
 */
export function onEndSignal(callback: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): void {
  let called = false;
  const call = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => {
    if (called) return;
    called = true;
    callback(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, call);
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) call('SIGTERM');
  }, 500).unref();
}
