/**
 * Argon2 that begins only when the gate is open, so that the queue stands still while it is looked at; and that is
 * cheap, because there are hundreds.
 */
export const gate = {
  closed: false,
  waiting: [] as (() => void)[],
  /** The passwords whose turn has come. */
  begun: [] as string[],
  async pass(password: string): Promise<void> {
    this.begun.push(password);
    if (this.closed) await new Promise<void>((resolve) => void this.waiting.push(resolve));
  },
  close(): void {
    this.closed = true;
    this.begun.length = 0;
  },
  /** Lets all hashes pass, those that come later too. */
  open(): void {
    this.closed = false;
    for (const resume of this.waiting.splice(0)) resume();
  },
};

type Argon2 = Pick<typeof import('@node-rs/argon2'), 'hash' | 'verify'>;

/** Puts the gate before argon2. To be mocked in its place. */
export function behindGate({ hash, verify }: Argon2): Argon2 {
  const [cheap, dear] = ['$m=64,t=1,p=1$', '$m=19456,t=2,p=1$'];
  return {
    hash: async (password) => {
      const given = String(password);
      await gate.pass(given);
      return (await hash(given, { memoryCost: 64, timeCost: 1 })).replace(cheap, dear);
    },
    verify: async (stored, password) => {
      await gate.pass(String(password));
      return await verify(String(stored).replace(dear, cheap), password);
    },
  };
}
