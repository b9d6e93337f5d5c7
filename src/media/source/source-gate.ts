/** Applies the source rule to datagrams; what came while a source was being probed is kept, so that no frame is lost. */
import type { MediaAddress } from '#domain/media.ts';
import { createSourceRule, PACKETS_TO_LOCK, type SourceExpectation, type SourcePacket } from './source-rule.ts';

export type SourceGate = {
  expect(expectation: SourceExpectation): void;
  /** `locked` is told once for each lock; the packets that led to it are in `takeHeld`, oldest first. */
  pass(bytes: Uint8Array, packet: Readonly<SourcePacket>, nowMs: number): 'accepted' | 'locked' | 'refused';
  /** Counts a packet that came before anything was negotiated. */
  refuse(): void;
  takeHeld(): readonly { bytes: Uint8Array }[];
  locked(): MediaAddress | null;
  foreign(): number;
};

export const createSourceGate = (): SourceGate => {
  const rule = createSourceRule();
  let held: { bytes: Uint8Array; packet: SourcePacket }[] = [];
  let foreign = 0;

  const hold = (bytes: Uint8Array, packet: SourcePacket): void => {
    const last = held.at(-1)?.packet;
    const isSameSource = last?.ssrc === packet.ssrc && last.port === packet.port && last.host === packet.host;
    if (!isSameSource || held.length >= PACKETS_TO_LOCK) dropHeld();
    held.push({ bytes: bytes.slice(), packet: { ...packet } });
  };

  const dropHeld = (): void => {
    foreign += held.length;
    held = [];
  };

  return {
    expect: rule.expect,
    pass: (bytes, packet, nowMs) => {
      const verdict = rule.judge(packet, nowMs);
      if (verdict === 'accepted') return 'accepted';
      if (verdict === 'probing') hold(bytes, packet);
      else if (verdict === 'foreign') foreign += 1;
      else {
        const last = held.at(-1)?.packet;
        if (last !== undefined && (last.host !== packet.host || last.port !== packet.port)) dropHeld();
        return 'locked';
      }
      return 'refused';
    },
    refuse: () => {
      foreign += 1;
    },
    takeHeld: () => {
      const taken = held;
      held = [];
      return taken;
    },
    locked: rule.locked,
    foreign: () => foreign,
  };
};
