// Stands in for VS Code's native logger, which would need a compiler: appends to the file, without rotation.
const fs = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  constructor(file) {
    this.file = file;
    this.level = 2;
    this.raw = false;
    this.pending = '';
    this.scheduled = undefined;
    if (file) fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.raw = true;
  }
  write(level, message) {
    if (level < this.level || !this.file) return;
    const time = new Date().toISOString().replace('T', ' ').slice(0, 23);
    this.pending += this.raw ? message : `${time} [${levels[level]}] ${message}\n`;
    this.scheduled ??= setImmediate(() => this.flush());
  }
  flush() {
    this.scheduled = undefined;
    const text = this.pending;
    this.pending = '';
    if (text === '') return;
    try {
      fs.appendFileSync(this.file, text);
    } catch {
      // The folder is gone with the test that made it.
    }
  }
  drop() {
    this.flush();
  }
}
for (const [index, name] of levels.entries()) {
  Logger.prototype[name] = function log(message) {
    this.write(index, message);
  };
}

exports.version = 11000;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = async (_name, file) => new Logger(file);
exports.createAsyncRotatingLogger = exports.createRotatingLogger;
