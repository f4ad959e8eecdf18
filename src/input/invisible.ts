// What is drawn as nothing, ends a line, or turns around the letters behind it. Emoji and old scripts choose among
// forms of a character with variation selectors, which are harmless.
const invisible =
  '[[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]--\\p{Variation_Selector}]';
// Where a zero-width character belongs to what is seen: in families and flags, which Unicode has as one emoji; behind a
// virama, whose letter it changes (RFC 5892, appendix A), as in names of South Asia; between letters of Persian.
const viramas = '[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA]';
const arabicLetter = '[\\p{Script=Arabic}&&\\p{L}]';
const meant = [
  '\\p{RGI_Emoji}',
  `(?<=${viramas})[\\u200C\\u200D](?=\\p{L})`,
  `(?<=${arabicLetter})\\u200C(?=${arabicLetter})`,
].join('|');
const meantOrInvisible = new RegExp(`(${meant})|${invisible}`, 'gv');

// Nothing in it is invisible, and it is nearly every text that comes with each request.
const printableAscii = /^[ -~]*$/;

/** Takes out what nobody sees: control characters, overrides of the direction of writing, zero-width characters. */
export function withoutInvisible(text: string): string {
  if (printableAscii.test(text)) return text;
  return text.replace(meantOrInvisible, (_all, kept: string | undefined) => kept ?? '');
}
