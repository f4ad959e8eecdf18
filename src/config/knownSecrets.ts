/**
 * Secrets that tools for guessing try first, because specifications, tutorials and defaults have them: the first 64
 * bits of their SHA-256, so that nobody copies a secret from here.
 */
export const knownSecretFingerprints: ReadonlySet<string> = new Set([
  // Examples of RFC 7515 (appendix A.1), in both alphabets, and of RFC 7520 (section 3.5) and RFC 7517.
  '8b1b17a9740c068a',
  '4ab58a4cd791daa3',
  '0330b11998cbc9ab',
  // Tutorials of FastAPI, Flask, Spring and .NET, which half of the world has copied.
  '570dad43de1af4c9',
  '2598f7d6adc142d8',
  '67dde0412edb40ae',
  '3354cfcf65c7b2e6',
  '2a1d61d5e1997a7a',
  'bf0b62edab9c25ed',
  '5df73e1aa59d8f33',
  'd33389d0241fa33b',
  // Defaults and documented examples of products.
  '3b8c641b71396a65',
  'c07799c18d8b80ee',
  '3cfee76b85db247b',
  '4de7be2d26fa1e2e',
  '9524778ec96458f7',
  '477a2767fa27931d',
  '228ab1b6080ec417',
  'ef1ca7491dee871b',
  '646fe7e9335545a3',
  '982f4e3a0216f392',
  'fd4dec75abc2df7e',
]);

/** What placeholders are made of, in lower case and without what stands between words. */
export const placeholderWords: readonly string[] = `
  0123456789 0123456789abcdef 123 1234 12345 123456 1234567890 128 256 32 384 48 512 64 a abc abcdef
  abcdefghijklmnopqrstuvwxyz access admin an and any api app application at auth authentication
  authorization base64 be bearer bit bits but by byte bytes change changed changeit changeme
  changethis char character characters chars client code complex cookie default demo dev development
  django do dont enough env environment example express fake file foobar for from generate generated
  guess hard has hash here hidden hmac hs256 hs384 hs512 i in insecure is it json jsonwebtoken jwt
  jwts keep key keyboardcat keys know knows least length local localhost long longer make min minimum
  must my mysecret need needs new no nobody node not of on one openssl or our own pass passphrase
  passwd password phrase please private prod production project put rand random real really refresh
  replace replaceme safe sallyport sample secret secretkey secrets secure security server service
  session set sha256 should sign signing so some somerandom something store string strong super
  supersecret temp temporary test testing tests that the this to todo token tokens unsafe update use
  used user valid value values very web webtoken which will with words you your yours
`
  .trim()
  .split(/\s+/);
