/** The directives of `authGuards`, for the schema of a server that has none of its own. */
export const authTypeDefs = /* GraphQL */ `
  """
  Needs a valid access token whose user exists and is active.
  """
  directive @auth on FIELD_DEFINITION | OBJECT | INTERFACE

  """
  Needs what @auth needs, and a token that came from a password check not long ago.
  """
  directive @fresh(
    """
    How many seconds ago the password check may have been. Without it, the server's own limit holds.
    """
    maxAge: Int
  ) on FIELD_DEFINITION | OBJECT | INTERFACE

  """
  Needs what @auth needs, and a user who is an administrator now.
  """
  directive @admin on FIELD_DEFINITION | OBJECT | INTERFACE

  """
  Lets anonymous callers pass. A token that is sent must be good: a bad one is refused, never taken for anonymous.
  """
  directive @optionalAuth on FIELD_DEFINITION

  """
  Says out loud that anyone may read the field. A token that is sent is not looked at.
  """
  directive @public on FIELD_DEFINITION
`;
