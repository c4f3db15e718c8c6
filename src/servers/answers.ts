import type { ServerResponse } from 'node:http';

export function sendNotAllowed(response: ServerResponse, allow: string): void {
  response.setHeader('allow', allow);
  sendJson(response, 405, { error: `This takes ${allow}.` });
}

export function sendJson(response: ServerResponse, code: number, value: unknown): void {
  response
    .writeHead(code, { 'content-type': 'application/json; charset=utf-8' })
    .end(`${JSON.stringify(value)}\n`);
}
