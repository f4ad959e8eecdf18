import jwt from 'jsonwebtoken';
import pg from 'pg';

const { DATABASE_URL, SECRET } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL });
// What Sallyport asks too: the user, and whether the session of the token goes on.
const findUser = {
  name: 'find_user',
  text: `select users.*, sessions.* , users.id as id
    from sessions join users on users.id = sessions.user_id
    where sessions.id = $1 and users.id = $2 and users.active and sessions.ended_at is null
      and sessions.first_valid_generation <= $3
      and sessions.expires_at > now() and sessions.idle_expires_at > now()`,
};

/** The user of a request, as one writes it by hand: jsonwebtoken, and one prepared query. Null when there is none. */
export async function findCaller(authorization) {
  if (!authorization?.startsWith('Bearer ')) return null;
  const { sid, sub, gen } = jwt.verify(authorization.slice('Bearer '.length), SECRET, {
    algorithms: ['HS256'],
  });
  const { rows } = await pool.query({ ...findUser, values: [sid, sub, gen] });
  return rows[0] ?? null;
}
