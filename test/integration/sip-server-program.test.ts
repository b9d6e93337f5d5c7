import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { connectSrf, leave } from '../fakes/srf-app.ts';
import { SECRET } from '../fakes/sip-server-rig.ts';

const running: ChildProcess[] = [];

function startProgram(env: Record<string, string>, ...args: string[]): ChildProcess {
  const program = spawn(process.execPath, ['src/sip/server/main.ts', ...args], {
    env: { DRACHTIO_HOST: '127.0.0.1', DRACHTIO_SECRET: SECRET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(program);
  return program;
}

const firstLine = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  if (!stream) throw new Error('no stream');
  const [line] = await once(createInterface({ input: stream }), 'line');
  return String(line);
};

describe('the SIP server program', () => {
  afterEach(async () => {
    for (const program of running.splice(0)) {
      if (program.exitCode !== null || program.signalCode !== null) continue;
      const exited = once(program, 'exit');
      program.kill('SIGKILL');
      await exited;
    }
  });

  it('says where it listens, serves, and exits 0 when told to stop', async () => {
    const program = startProgram({ SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0', DRACHTIO_PORT: '0' });
    const ready = JSON.parse(await firstLine(program.stdout));
    expect(ready).toEqual({
      ready: true,
      version: 'v0.9.10-trunkline',
      sip: [
        { protocol: 'udp', host: '127.0.0.1', port: expect.any(Number) },
        { protocol: 'tcp', host: '127.0.0.1', port: expect.any(Number) },
      ],
      control: { host: '127.0.0.1', port: expect.any(Number) },
    });
    const app = await connectSrf(ready.control.port, SECRET);
    await leave(app);
    const exited = once(program, 'exit');
    program.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('gives itself out as drachtio-server when told to be like it', async () => {
    const program = startProgram({ SIP_LISTEN: 'udp:127.0.0.1:0', DRACHTIO_PORT: '0' }, '--like-drachtio');
    const ready = JSON.parse(await firstLine(program.stdout));
    expect(ready.version).toBe('v0.9.10-1-g9c2dd4cb6a');
  });

  it('says in one sentence that an address is taken', async () => {
    const first = startProgram({ SIP_LISTEN: 'udp:127.0.0.1:0', DRACHTIO_PORT: '0' });
    const { sip, control } = JSON.parse(await firstLine(first.stdout));
    const second = startProgram({ SIP_LISTEN: `udp:127.0.0.1:${sip[0].port}`, DRACHTIO_PORT: '0' });
    const exited = once(second, 'exit');
    expect(await firstLine(second.stderr)).toBe(
      `Cannot listen on udp:127.0.0.1:${sip[0].port}: the address is in use by another program.`,
    );
    expect(await exited).toEqual([1, null]);
    const third = startProgram({ SIP_LISTEN: 'udp:127.0.0.1:0', DRACHTIO_PORT: String(control.port) });
    expect(await firstLine(third.stderr)).toBe(
      `Cannot listen on 127.0.0.1:${control.port} for applications: the address is in use by another program.`,
    );
  });
});
