import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { savedName, shownText } from '../src/files/names.ts';

const FALLBACK = 'blob.bin';

describe('savedName', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['Überblick 2026.tar.gz', 'Überblick 2026.tar.gz'],
    ['写真.png', '写真.png'],
    ['../../etc/passwd', 'etc_passwd'],
    ['..\\..\\autoexec.bat', 'autoexec.bat'],
    ['/etc/passwd', 'etc_passwd'],
    ['C:\\Temp\\x.txt', 'C__Temp_x.txt'],
    ['.bashrc', 'bashrc'],
    ['a\u0000b\nc\u001b[31m.txt', 'abc[31m.txt'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['in\u200bvis\ufeffible.txt', 'invisible.txt'],
    ['half\ud800.txt', 'half.txt'],
    ['con.txt', '_con.txt'],
    ['LPT1', '_LPT1'],
    ['trailing. . .', 'trailing'],
    [`${'n'.repeat(110)}${'.'.repeat(30)}the end of a long name`, 'n'.repeat(110)],
    ['a<b>c|d?e*f".txt', 'a_b_c_d_e_f_.txt'],
    ['', FALLBACK],
    ['..', FALLBACK],
    ['\u202e\u0007', FALLBACK],
    ['/', FALLBACK],
  ])('%j becomes %j', (name, saved) => {
    expect(savedName(name, FALLBACK)).toBe(saved);
  });

  it('bounds a name of 300 characters and keeps its ending', () => {
    const saved = savedName(`${'n'.repeat(300)}.tar`, FALLBACK);
    expect(saved).toHaveLength(120);
    expect(saved.endsWith('n.tar')).toBe(true);
    expect(new TextEncoder().encode(savedName(`${'字'.repeat(300)}.tar`, FALLBACK)).length).toBeLessThanOrEqual(200);
  });

  it('gives one visible part of a path for any text, and keeps what it gave', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const saved = savedName(text, FALLBACK);
        expect(saved).not.toMatch(/[\\/\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(saved).not.toMatch(/^\.|\.$|^$/);
        expect(savedName(saved, FALLBACK)).toBe(saved);
      }),
    );
  });
});

describe('shownText', () => {
  it('keeps a path as it is, on one line', () => {
    expect(shownText('a/b\n c')).toBe('a/b c');
  });

  it('bounds what is long and says so', () => {
    expect(shownText('x'.repeat(1_000_000))).toBe(`${'x'.repeat(119)}…`);
    expect(shownText('x'.repeat(121), 60)).toHaveLength(60);
  });

  it('takes out what turns the direction of writing', () => {
    expect(shownText('a\u202eb\u2066c')).toBe('abc');
  });
});
