import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkPorts, type WantedAddress } from '#app/launcher/check-ports.ts';

const wanted = (changes: Partial<WantedAddress>): WantedAddress => ({
  part: 'The HTTP API',
  setting: 'HTTP_PORT',
  protocol: 'tcp',
  host: '127.0.0.1',
  port: 0,
  ...changes,
});

test('a TCP port in use is refused in a sentence that names part, address and setting', async () => {
  await using server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(checkPorts([wanted({}), wanted({ port })])).rejects.toMatchObject({
    code: 'portInUse',
    message: `The HTTP API cannot listen on tcp 127.0.0.1:${port}, because another program uses it: free it, or set HTTP_PORT to another one.`,
  });
});

test('a UDP port in use is refused, while the same TCP port is free', async () => {
  await using socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await checkPorts([wanted({ port })]);
  await expect(checkPorts([wanted({ protocol: 'udp', port })])).rejects.toThrow(/another program uses it/);
});

test('an address of another machine is refused', async () => {
  const address = wanted({ host: '192.0.2.1', hostSetting: 'HTTP_HOST' });
  await expect(checkPorts([address])).rejects.toThrow(
    'The HTTP API cannot listen on tcp 192.0.2.1, because this machine has no such address: set HTTP_HOST to another one.',
  );
});
