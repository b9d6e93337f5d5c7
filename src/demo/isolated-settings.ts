/** Settings of a system that shares nothing with others on this machine: free ports, embedded parts, its own folder. */

const FIRST_RTP_PORT = 10_000;
const LAST_RTP_PORT = 19_998;
const RTP_PORTS = 1_000;

/** Below the range from which systems take ports for outgoing connections; by chance, as others may choose too. */
const someRtpPorts = (): string => {
  const blocks = Math.floor((LAST_RTP_PORT - FIRST_RTP_PORT) / RTP_PORTS);
  const first = FIRST_RTP_PORT + RTP_PORTS * Math.floor(Math.random() * (blocks + 1));
  return `${first}-${first + RTP_PORTS - 1}`;
};

/** Empty texts hide settings of the environment. */
export const isolatedSettings = (dataDirectory: string): Record<string, string> => ({
  DATA_DIR: dataDirectory,
  DATABASE_URL: '',
  POSTGRES_PORT: '0',
  DRACHTIO_HOST: '',
  DRACHTIO_PORT: '0',
  DRACHTIO_SECRET: '',
  GEMINI_API_KEY: '',
  GEMINI_BASE_URL: '',
  REHEARSAL_HOST: '127.0.0.1',
  REHEARSAL_PORT: '0',
  AGENT_LANGUAGE: 'en-US',
  SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0',
  SIP_ALLOWED: '127.0.0.0/8',
  PUBLIC_IP: '',
  RTP_HOST: '127.0.0.1',
  RTP_PORTS: someRtpPorts(),
  HTTP_HOST: '127.0.0.1',
  HTTP_PORT: '0',
});
