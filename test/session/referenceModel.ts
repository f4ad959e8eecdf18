const newSession = (endsAt: number) => {
  const generations = {
    generation: 0,
    firstValid: 1,
    confirmedGeneration: 0,
    rotatedAt: 0,
    givenAt: 0,
  };
  return { ...generations, endsAt, idleAt: 0, ended: false };
};
type Session = ReturnType<typeof newSession>;

/** A pair of tokens, as far as the rules speak of it. */
export type ModelPair = ReturnType<ReferenceModel['newestPair']>;

/** The rules of the tokens and sessions of one user, and nothing else. Times are in seconds. */
export class ReferenceModel {
  now = 0;
  readonly sessions: Session[] = [];

  signIn(): ModelPair {
    const session = newSession(this.now + 30 * 24 * 3600);
    this.sessions.push(session);
    return this.rotate(session);
  }

  refresh({ session, generation, refreshExpiresAt }: ModelPair): ModelPair | string {
    const problem = this.problemOf(session, generation, refreshExpiresAt);
    if (problem !== null) return problem;
    if (generation === session.generation) {
      const isYoung = this.now < session.givenAt + 10;
      return isYoung ? this.newestPair(session) : this.rotate(session);
    }
    const isLast = generation === session.generation - 1;
    const isUnused = session.confirmedGeneration < session.generation;
    const isLost = isLast && isUnused && this.now <= session.rotatedAt + 24 * 3600;
    const isRace = isLast && this.now <= session.givenAt + 30;
    if (isLost) session.givenAt = this.now;
    if (isLost || isRace) return this.newestPair(session);
    session.ended = true;
    return 'TOKEN_REUSED';
  }

  /** Why an access token is no good; null when it is. The first use of one is told to its session. */
  use({ session, generation, accessExpiresAt }: ModelPair): string | null {
    const problem = this.problemOf(session, generation, accessExpiresAt);
    if (problem === null && generation === session.generation)
      session.confirmedGeneration = generation;
    return problem;
  }

  changePassword(pair: ModelPair): ModelPair | string {
    const problem = this.use(pair);
    if (problem !== null) return problem;
    for (const session of this.sessions) session.ended ||= session !== pair.session;
    pair.session.firstValid = pair.session.generation + 1;
    return this.rotate(pair.session);
  }

  logout({ session, generation }: ModelPair): void {
    session.ended ||= generation >= session.firstValid;
  }

  private problemOf(session: Session, generation: number, tokenExpiresAt: number): string | null {
    if (this.now >= tokenExpiresAt + 10) return 'TOKEN_EXPIRED';
    if (session.ended || generation < session.firstValid) return 'TOKEN_REVOKED';
    return this.now >= session.idleAt ? 'TOKEN_EXPIRED' : null;
  }

  private rotate(session: Session): ModelPair {
    const idleAt = Math.min(this.now + 14 * 24 * 3600, session.endsAt);
    const [generation, rotatedAt] = [session.generation + 1, this.now];
    Object.assign(session, { generation, rotatedAt, givenAt: this.now, idleAt });
    return this.newestPair(session);
  }

  newestPair(session: Session) {
    const { generation, idleAt } = session;
    const accessExpiresAt = Math.min(this.now + 900, idleAt);
    return { session, generation, refreshExpiresAt: idleAt, accessExpiresAt };
  }
}
