import { describe, expect, it } from 'vitest';
import { DirectiveError, readDirectives, readMarkers } from '#gemini/rehearsal/directives.ts';

describe('directives', () => {
  it('are read from every marker in a system instruction', () => {
    expect(readMarkers('You are kind. [[rehearsal:tone=440, silent]] Be brief. [[rehearsal:turns=2]]')).toEqual({
      tone: 440,
      silent: true,
      turns: 2,
    });
    expect(readMarkers('Nothing here, not even [[other:tone=1]].')).toEqual({});
  });

  it('are read from JSON', () => {
    expect(readDirectives({ tone: 'auto', on: 200, record: true, language: 'bg' })).toEqual({
      tone: 'auto',
      on: 200,
      record: true,
      language: 'bg',
    });
  });

  it.each([
    { loud: true },
    { tone: 'high' },
    { tone: 5 },
    { turns: -1 },
    { speed: 0 },
    { speed: 1.5 },
    { silent: 'perhaps' },
    { language: 'fr' },
    { on: '' },
  ])('are refused when unknown or out of range: %o', (directive) => {
    expect(() => readDirectives(directive)).toThrow(DirectiveError);
  });
});
