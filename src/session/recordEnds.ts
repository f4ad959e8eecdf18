import { recordEvents, type Scene } from '../audit/audit.ts';
import type { SessionRow } from './table.ts';

/** Writes down that sessions have ended, an entry each. */
export async function recordEnds(
  scene: Scene,
  actorId: string | null,
  reason: string,
  ended: readonly SessionRow[],
): Promise<void> {
  const entries = ended.map(({ id: sessionId, userId, device }) => ({
    event: 'SESSION_ENDED' as const,
    actorId,
    userId,
    sessionId,
    reason,
    device,
  }));
  await recordEvents(scene, entries);
}
