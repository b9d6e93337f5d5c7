/** What acts of users have in common: who acts, and how a refusal is told. */
import type { FastifyRequest } from 'fastify';
import type { AccountRefusal, Actor } from '#domain/account.ts';
import { ownerIdOf } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';
import type { BillingRefusal, KnownActor, Passwords } from './user.ports.ts';

/** Who acts, for the audit log. */
export const actorOf = ({ viewer, ip }: FastifyRequest): Actor => ({
  id: ownerIdOf(viewer),
  name: viewer.username,
  address: ip,
});

/** On routes that the API token cannot reach. */
export const knownActorOf = ({ viewer, ip }: FastifyRequest): KnownActor => ({
  id: viewer.id,
  name: viewer.username,
  address: ip,
});

const PROBLEMS: Readonly<Record<AccountRefusal | BillingRefusal, Problem>> = {
  usernameTaken: new Problem(400, 'username_taken', 'This username is already taken.'),
  emailTaken: new Problem(400, 'email_taken', 'This e-mail address is already in use.'),
  notFound: new Problem(404, 'not_found', 'Nothing has this id.'),
  notOwn: new Problem(403, 'not_yours', 'This belongs to somebody else.'),
  agentLimit: new Problem(403, 'agent_limit', 'All your agent slots are in use. Open the Billing page to buy more.'),
  noGateSlot: new Problem(409, 'no_gate_slot', 'No SIM slot of the gateway is free, so the agent was not created.'),
  alreadyDecided: new Problem(400, 'already_decided', 'This payment request has already been decided.'),
  alreadyPending: new Problem(400, 'already_pending', 'A payment request is already pending.'),
  belowZero: new Problem(400, 'below_zero', 'An admin cannot have less than 0 agent slots.'),
  tooMany: new Problem(400, 'too_many_slots', 'An admin cannot have that many agent slots.'),
};

/** The outcome, or its refusal thrown. */
export const orRefuse = <T extends object | null>(outcome: T | AccountRefusal | BillingRefusal): T => {
  if (typeof outcome === 'string') throw PROBLEMS[outcome];
  return outcome;
};

export const notFound = () => PROBLEMS.notFound;

const BUSY = new Problem(503, 'busy', 'Too many people are logging in at the moment; please try again.', {
  'retry-after': '2',
});

/** Passwords whose queue being full is told as such. */
export const politely = (passwords: Passwords): Passwords => {
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'busy') throw BUSY;
      throw error;
    }
  };
  return {
    hash: (password) => told(passwords.hash(password)),
    verify: (password, hashed) => told(passwords.verify(password, hashed)),
  };
};
