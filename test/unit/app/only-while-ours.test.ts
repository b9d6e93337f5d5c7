import { expect, test } from 'vitest';
import { onlyWhileOurs } from '#app/only-while-ours.ts';

test('C17: nothing is written of calls that may be of another process by now', async () => {
  const ownership = { isCurrent: false };
  const written: string[] = [];
  const write = onlyWhileOurs(ownership, async (text: string) => written.push(text));
  await expect(write('one')).rejects.toThrow('stood still');
  ownership.isCurrent = true;
  expect(await write('two')).toBe(1);
  expect(written).toEqual(['two']);
});
