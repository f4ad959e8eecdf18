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

  """
  Needs what @auth needs, and a token that has all scopes of one of the lists. A session has all scopes.
  """
  directive @requiresScopes(
    """
    With [["items:write"], ["admin"]], either scope will do.
    """
    scopes: [[String!]!]!
  ) on FIELD_DEFINITION | OBJECT | INTERFACE

  """
  Needs what @auth needs, and an argument of the field that names the user who is signed in.
  """
  directive @self(
    """
    The argument of the field that holds the id, or a list of ids.
    """
    argument: String!
  ) on FIELD_DEFINITION

  """
  Needs what @auth needs, and an object that belongs to the user who is signed in.
  """
  directive @owner(
    """
    Where the object, as it was loaded, holds the id of its user. The field need not be in the schema.
    """
    field: String!
    """
    Who else may.
    """
    or: OwnerAlternative
  ) on FIELD_DEFINITION | OBJECT | INTERFACE

  """
  Who passes @owner beside the owner.
  """
  enum OwnerAlternative {
    """
    A user who is an administrator now.
    """
    ADMIN
  }
`;
