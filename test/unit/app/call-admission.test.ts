import { expect, test } from 'vitest';
import { createCallAdmission } from '#app/call-admission.ts';
import { NO_LINKS } from '#domain/call.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
import { INVITE } from '../../fakes/call-ports.fake.ts';
import { silentLog } from '../../fakes/silent-log.ts';

test('C17: what was admitted becomes a call, also when the application is to go meanwhile', async () => {
  const found = Promise.withResolvers<typeof NO_LINKS>();
  const accepted: string[] = [];
  const accept = ({ sipCallId }: IncomingInvite) => void accepted.push(sipCallId);
  const admission = createCallAdmission({ linksOf: () => found.promise, accept, log: silentLog });
  admission.admit(INVITE);
  const settled = admission.settled();
  expect(accepted).toEqual([]);
  found.resolve(NO_LINKS);
  await settled;
  expect(accepted).toEqual([INVITE.sipCallId]);
});

test('D12: a call of which it cannot be learnt whose it is is nobody’s, and is begun all the same', async () => {
  const accepted: unknown[] = [];
  const linksOf = () => Promise.reject(new Error('out'));
  const admission = createCallAdmission({ linksOf, accept: (_, links) => accepted.push(links), log: silentLog });
  admission.admit(INVITE);
  await admission.settled();
  expect(accepted).toEqual([NO_LINKS]);
});
