/** All that a viewer of the inspector feed gets to see, also past a lost application. */
import type { TestSystem } from '../../fixtures/system/running-system.ts';

const RECONNECT_MS = 100;

export type RecordedFeed = { frames: readonly string[]; stop(): void };

export const recordFeed = ({ system }: TestSystem): RecordedFeed => {
  const frames: string[] = [];
  const address = new URL('/inspect', system.addresses.http);
  address.protocol = 'ws:';
  address.searchParams.set('access_token', system.apiToken);
  let socket: WebSocket;
  let isOver = false;
  const connect = (): void => {
    socket = new WebSocket(address);
    socket.addEventListener('message', ({ data }) => frames.push(String(data)));
    socket.addEventListener('close', () => {
      if (!isOver) setTimeout(connect, RECONNECT_MS);
    });
  };
  connect();
  return {
    frames,
    stop: () => {
      isOver = true;
      socket.close();
    },
  };
};
