// What the tests of a server that is built on the package need, under `sallyport/test`.
export type { Answer, Ask, AskFunction } from './test/asker.ts';
export { createTestServer, type TestCaller, type TestServer } from './test/createTestServer.ts';
export { proveAccess } from './test/proveAccess.ts';
export { stoppedClock, type TestClock } from './test/testClock.ts';
