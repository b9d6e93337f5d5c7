import { describe, expect, it } from 'vitest';
import { createPresence } from '#sip/server/owners/presence.ts';
import { createManualClock } from '../../../../fakes/manual-sip-clock.ts';

const connect = () => {
  let isOpen = true;
  return { isOpen: () => isOpen, send: () => undefined, close: () => (isOpen = false) };
};

describe('the presence of an application', () => {
  it('ends with its connection', () => {
    const presence = createPresence(createManualClock());
    const app = connect();
    expect([presence.isAbsent(app), presence.isAbsent(null)]).toEqual([false, true]);
    app.close();
    expect(presence.isAbsent(app)).toBe(true);
  });

  it('is doubted after a second without a word while something waits, and back with the next word', () => {
    const clock = createManualClock();
    const presence = createPresence(clock);
    const app = connect();
    let silences = 0;
    presence.heard(app);
    presence.watch(app, () => (silences += 1));
    clock.advance(999);
    expect(presence.isAbsent(app)).toBe(false);
    clock.advance(1);
    expect([presence.isAbsent(app), silences]).toEqual([true, 1]);
    expect([presence.heard(app), presence.heard(app), presence.isAbsent(app)]).toEqual([true, false, false]);
  });

  it('is proven by any word', () => {
    const clock = createManualClock();
    const presence = createPresence(clock);
    const app = connect();
    presence.watch(app, () => expect.unreachable());
    clock.advance(500);
    presence.heard(app);
    clock.advance(500);
    expect(presence.isAbsent(app)).toBe(false);
  });

  it('is not watched when the answer has come', () => {
    const clock = createManualClock();
    const presence = createPresence(clock);
    const app = connect();
    presence.watch(app, () => expect.unreachable()).cancel();
    clock.advance(5000);
    expect([presence.isAbsent(app), clock.pending()]).toEqual([false, 0]);
  });
});
