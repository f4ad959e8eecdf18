import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserRow, SessionRow, ApiTokenRow, AuditEventRow } from 'sallyport/tables';
import type { Context, PublicContext, SignedInContext } from 'sallyport';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A moment in time, as RFC 3339 writes it, in UTC: `2030-01-31T12:00:00.000Z`. In JSON it is a string. */
  DateTime: { input: Date; output: Date; }
};

/**
 * A token for a program: it lives until it is revoked or expires, and belongs to no session. It opens what needs a
 * user, and for administrators what needs one, if it has the scopes that a field asks for; never what needs a fresh token.
 */
export type ApiToken = {
  __typename?: 'ApiToken';
  /** When it was made. */
  createdAt: Scalars['DateTime']['output'];
  /** When it expires; null when it does not. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** Identifies the token; it is not the token. */
  id: Scalars['ID']['output'];
  /** When it was last used, to the minute; null when it never was. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the token is for. */
  name: Scalars['String']['output'];
  /** What it may be used for; null when it may be used for everything, as one from before there were scopes. */
  scopes?: Maybe<Array<Scalars['String']['output']>>;
};

/** One page of the audit log, newest first. */
export type AuditConnection = {
  __typename?: 'AuditConnection';
  /** The entries of this page, each with its cursor. */
  edges: Array<AuditEdge>;
  /** Whether there is more, and where to go on. */
  pageInfo: PageInfo;
};

/** An entry in a page of the audit log. */
export type AuditEdge = {
  __typename?: 'AuditEdge';
  /** Give it as `after` to go on behind this entry. */
  cursor: Scalars['String']['output'];
  /** The entry. */
  node: AuditEvent;
};

/** One entry of the audit log. */
export type AuditEvent = {
  __typename?: 'AuditEvent';
  /** The id of the user who did it; null for callers nobody knows, and for the operator. */
  actorId?: Maybe<Scalars['ID']['output']>;
  /** When. */
  at: Scalars['DateTime']['output'];
  /** How often it happened within five minutes: more than 1 only where one entry stands for several. */
  count: Scalars['Int']['output'];
  /** What the device was called at the sign-in. */
  device?: Maybe<Scalars['String']['output']>;
  /** What happened. */
  event: AuditEventType;
  /** Identifies the entry. */
  id: Scalars['ID']['output'];
  /** The address it came from; null for the operator. */
  ip?: Maybe<Scalars['String']['output']>;
  /** The issuer of the token with which it was done; null where that was this server, or there was none. */
  issuer?: Maybe<Scalars['String']['output']>;
  /** Why, where there is more to say. Of an API token its id, and behind it the scopes that it was made with. */
  reason?: Maybe<Scalars['String']['output']>;
  /** The id of the session it happened in or to. */
  sessionId?: Maybe<Scalars['ID']['output']>;
  /** What the program called itself; null for the operator. */
  userAgent?: Maybe<Scalars['String']['output']>;
  /** The id of the user to whom it happened; null when no such user exists. */
  userId?: Maybe<Scalars['ID']['output']>;
};

/** What can happen to an account, as the audit log names it. */
export type AuditEventType =
  /** The account was deleted. */
  | 'ACCOUNT_DELETED'
  /** The user was made an administrator. */
  | 'ADMIN_GRANTED'
  /**
   * Something for administrators was refused: `reason` says why. One entry for each five minutes of it: `count` says how
   * often.
   */
  | 'ADMIN_REFUSED'
  /** The user is an administrator no longer. */
  | 'ADMIN_REVOKED'
  /** An API token was made. */
  | 'API_TOKEN_CREATED'
  /** An API token was revoked. */
  | 'API_TOKEN_REVOKED'
  /** A password was checked again in a session. */
  | 'FRESH_SIGN_IN'
  /** The password was changed, and other sessions were ended. */
  | 'PASSWORD_CHANGED'
  /** A refresh token was used a second time, and its session was ended. */
  | 'REFRESH_REUSED'
  /** An account was made. */
  | 'REGISTERED'
  /** A session was ended: `reason` says how. Each has an entry. */
  | 'SESSION_ENDED'
  /** A password was right, and a session began. */
  | 'SIGN_IN'
  /** A sign-in was refused: `reason` says why. */
  | 'SIGN_IN_FAILED'
  /** A sign-in had to wait, because of too many attempts. One entry for each five minutes of them: `count` says how many. */
  | 'SIGN_IN_THROTTLED'
  /** The account was disabled, and its sessions were ended. */
  | 'USER_DISABLED'
  /** The account was enabled again. */
  | 'USER_ENABLED';

/** Why a caller was not let through: the values of `extensions.reason` in errors about sign-in and access. */
export type AuthErrorReason =
  /** Only administrators may do this. */
  | 'ADMIN_REQUIRED'
  /** The CSRF token that goes with a cookie is missing or wrong. */
  | 'CSRF_FAILED'
  /** Ask for the password and call `freshLogin`. `extensions.maxAge` says how recent it has to be, in seconds. */
  | 'FRESH_TOKEN_REQUIRED'
  /** The username or the password is wrong. */
  | 'INVALID_CREDENTIALS'
  /** Only the user to whom it belongs may see this. */
  | 'OWNER_REQUIRED'
  /** New accounts are made by administrators here. */
  | 'REGISTRATION_CLOSED'
  /** The API token was not made for this: `extensions.scopes` has lists of scopes, of which it needs one. */
  | 'SCOPE_REQUIRED'
  /** An argument has to name the user who is signed in. */
  | 'SELF_REQUIRED'
  /** The token was good and has run out. Refresh it; if it was the refresh token, sign in. */
  | 'TOKEN_EXPIRED'
  /** Something about the token or the Authorization header is wrong. Sign in. */
  | 'TOKEN_INVALID'
  /** No token was sent. Sign in. */
  | 'TOKEN_MISSING'
  /** A refresh token was used a second time, so its session has been ended. Sign in, and tell the user. */
  | 'TOKEN_REUSED'
  /** The session of the token has ended. Sign in. */
  | 'TOKEN_REVOKED'
  /** A refresh token was sent where an access token is needed, or the reverse. */
  | 'TOKEN_WRONG_TYPE'
  /** The user of the token is disabled. */
  | 'USER_INACTIVE'
  /** The user of the token no longer exists. */
  | 'USER_NOT_FOUND';

/** What can be done. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Changes the password of the user who is signed in, ends every other session, and returns a new pair for this one.
   * No token from before opens anything any more.
   */
  changePassword?: Maybe<TokenPair>;
  /** Makes an API token. It ends no other. A user may have 100, and make 120 an hour. */
  createApiToken?: Maybe<NewApiToken>;
  /** Writes a note. */
  createNote?: Maybe<Note>;
  /** Deletes the account of the user who is signed in, with its sessions and API tokens. */
  deleteAccount?: Maybe<Scalars['Boolean']['output']>;
  /** Removes all notes of the user who is signed in. Needs a password check not long ago. */
  deleteNotes?: Maybe<Scalars['Int']['output']>;
  /** Ends one session of the user who is signed in. */
  endSession?: Maybe<Scalars['Boolean']['output']>;
  /** Ends every session of a user and revokes all API tokens of theirs. Returns how many sessions there were. */
  endUserSessions?: Maybe<Scalars['Int']['output']>;
  /** Checks the password of the user who is signed in and makes the session fresh again: same user, same session. */
  freshLogin?: Maybe<TokenPair>;
  /** Checks a username and password and opens a session. Sessions on other devices go on. */
  login?: Maybe<TokenPair>;
  /**
   * Ends the session that a token names, and with it every token of that session. Doing it twice is fine, and an expired
   * token will do.
   */
  logout?: Maybe<Scalars['Boolean']['output']>;
  /** Ends every session of the user who is signed in, this one included, and returns how many there were. */
  logoutEverywhere?: Maybe<Scalars['Int']['output']>;
  /**
   * Exchanges a refresh token for the next pair. The same refresh token again, from a second tab or after a lost answer,
   * returns the same pair; a stolen one ends the session.
   * A refresh token that is younger than 10 seconds is given back as it is, with an access token that is not fresh.
   */
  refresh?: Maybe<TokenPair>;
  /** Makes an account and signs it in. */
  register?: Maybe<TokenPair>;
  /** Revokes an API token of the user who is signed in. */
  revokeApiToken?: Maybe<Scalars['Boolean']['output']>;
  /** Revokes an API token, whoever's it is. */
  revokeUserApiToken?: Maybe<Scalars['Boolean']['output']>;
  /** Disables an account and ends its sessions, or enables it again. */
  setUserActive?: Maybe<User>;
  /** Makes a user an administrator, or one no longer. */
  setUserAdmin?: Maybe<User>;
};


/** What can be done. */
export type MutationChangePasswordArgs = {
  endApiTokens?: InputMaybe<Scalars['Boolean']['input']>;
  newPassword: Scalars['String']['input'];
};


/** What can be done. */
export type MutationCreateApiTokenArgs = {
  expiresIn?: InputMaybe<Scalars['Int']['input']>;
  name: Scalars['String']['input'];
  scopes?: InputMaybe<Array<Scalars['String']['input']>>;
};


/** What can be done. */
export type MutationCreateNoteArgs = {
  text: Scalars['String']['input'];
};


/** What can be done. */
export type MutationEndSessionArgs = {
  id: Scalars['ID']['input'];
};


/** What can be done. */
export type MutationEndUserSessionsArgs = {
  id: Scalars['ID']['input'];
};


/** What can be done. */
export type MutationFreshLoginArgs = {
  password: Scalars['String']['input'];
};


/** What can be done. */
export type MutationLoginArgs = {
  device?: InputMaybe<Scalars['String']['input']>;
  password: Scalars['String']['input'];
  username: Scalars['String']['input'];
};


/** What can be done. */
export type MutationLogoutArgs = {
  refreshToken?: InputMaybe<Scalars['String']['input']>;
};


/** What can be done. */
export type MutationRefreshArgs = {
  refreshToken?: InputMaybe<Scalars['String']['input']>;
};


/** What can be done. */
export type MutationRegisterArgs = {
  fullName?: InputMaybe<Scalars['String']['input']>;
  password: Scalars['String']['input'];
  username: Scalars['String']['input'];
};


/** What can be done. */
export type MutationRevokeApiTokenArgs = {
  id: Scalars['ID']['input'];
};


/** What can be done. */
export type MutationRevokeUserApiTokenArgs = {
  id: Scalars['ID']['input'];
};


/** What can be done. */
export type MutationSetUserActiveArgs = {
  active: Scalars['Boolean']['input'];
  id: Scalars['ID']['input'];
};


/** What can be done. */
export type MutationSetUserAdminArgs = {
  admin: Scalars['Boolean']['input'];
  id: Scalars['ID']['input'];
};

/** An API token that was just made. */
export type NewApiToken = {
  __typename?: 'NewApiToken';
  /** What the server keeps. */
  apiToken: ApiToken;
  /** Goes into each request as `Authorization: Bearer <token>`. It is shown this once: the server does not keep it. */
  token: Scalars['String']['output'];
};

/** Something that the user who is signed in wants to remember. */
export type Note = {
  __typename?: 'Note';
  /** Identifies the note. */
  id: Scalars['ID']['output'];
  /** What it says, to whoever wrote it. */
  text?: Maybe<Scalars['String']['output']>;
};

/** Who passes @owner beside the owner. */
export type OwnerAlternative =
  /** A user who is an administrator now. */
  | 'ADMIN';

/** Where a page stands in the whole list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last entry; null when the page is empty. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there is another page behind this one. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether this page was asked for with `after`, so that something stands before it. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first entry; null when the page is empty. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** What can be read. */
export type Query = {
  __typename?: 'Query';
  /** The API tokens of the user who is signed in, newest first. A user has at most 100. */
  apiTokens?: Maybe<Array<ApiToken>>;
  /** The audit log of all users or of one, newest first. */
  auditLog?: Maybe<AuditConnection>;
  /** The user who is signed in. */
  me?: Maybe<User>;
  /** How many notes a user has, for that user alone. */
  noteCount?: Maybe<Scalars['Int']['output']>;
  /** The notes of the user who is signed in. */
  notes?: Maybe<Array<Note>>;
  /** The server's clock. Compare it with your own before you trust an expiry. */
  serverTime?: Maybe<Scalars['DateTime']['output']>;
  /** The sessions of the user who is signed in, newest first. */
  sessions?: Maybe<Array<Session>>;
  /** All users, a page at a time. */
  users?: Maybe<UserConnection>;
  /** Who the server takes you for; null when you are anonymous. */
  viewer?: Maybe<User>;
};


/** What can be read. */
export type QueryApiTokensArgs = {
  after?: InputMaybe<Scalars['ID']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read. */
export type QueryAuditLogArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  userId?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be read. */
export type QueryNoteCountArgs = {
  userId: Scalars['ID']['input'];
};


/** What can be read. */
export type QuerySessionsArgs = {
  after?: InputMaybe<Scalars['ID']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read. */
export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A sign-in on a device. It goes on until it ends or expires. */
export type Session = {
  __typename?: 'Session';
  /** When the sign-in was. */
  createdAt: Scalars['DateTime']['output'];
  /** Whether this request comes from it. */
  current: Scalars['Boolean']['output'];
  /** What the device was called at the sign-in. */
  device?: Maybe<Scalars['String']['output']>;
  /** When it ends at the latest, however much it is used. */
  expiresAt: Scalars['DateTime']['output'];
  /** Identifies the session. */
  id: Scalars['ID']['output'];
  /** The address the sign-in came from. */
  ip: Scalars['String']['output'];
  /** When tokens were last issued or the password was last checked. */
  lastUsedAt: Scalars['DateTime']['output'];
  /** What the program called itself at the sign-in. */
  userAgent?: Maybe<Scalars['String']['output']>;
};

/**
 * What a sign-in or a refresh returns: an access token to send with each request, and a refresh token to get the next
 * pair.
 */
export type TokenPair = {
  __typename?: 'TokenPair';
  /** Goes into each request as `Authorization: Bearer <access token>`. */
  accessToken: Scalars['String']['output'];
  /** For how many seconds the access token is good. */
  expiresIn: Scalars['Int']['output'];
  /** True when this pair came from a password check, so that its access token opens fields that need a fresh one. */
  fresh: Scalars['Boolean']['output'];
  /** For how many seconds the refresh token is good, if it is not used before. */
  refreshExpiresIn: Scalars['Int']['output'];
  /**
   * Give it to `refresh` when the access token has expired, and store the one that comes back in its place. Null when it
   * travels in a cookie.
   */
  refreshToken?: Maybe<Scalars['String']['output']>;
  /** Always `Bearer`. */
  tokenType: Scalars['String']['output'];
  /** Who is signed in, as `sub` of the access token says it too. */
  userId: Scalars['ID']['output'];
};

/** An account. Everything about a user needs a token, by whatever path the user is reached. */
export type User = {
  __typename?: 'User';
  /** False when the account is disabled. */
  active?: Maybe<Scalars['Boolean']['output']>;
  /** The API tokens of the user, newest first. */
  apiTokens?: Maybe<Array<ApiToken>>;
  /** When the account was made. */
  createdAt?: Maybe<Scalars['DateTime']['output']>;
  /** The name to show to people. */
  fullName?: Maybe<Scalars['String']['output']>;
  /** Identifies the user for as long as the account exists. */
  id: Scalars['ID']['output'];
  /** Whether the user is an administrator now. */
  isAdmin: Scalars['Boolean']['output'];
  /** What happened to the account, newest first. Others' are for administrators. */
  securityEvents?: Maybe<AuditConnection>;
  /** The name to sign in with, in lower case. */
  username: Scalars['String']['output'];
};


/** An account. Everything about a user needs a token, by whatever path the user is reached. */
export type UserApiTokensArgs = {
  after?: InputMaybe<Scalars['ID']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** An account. Everything about a user needs a token, by whatever path the user is reached. */
export type UserSecurityEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** One page of users, in the order of their usernames. */
export type UserConnection = {
  __typename?: 'UserConnection';
  /** The users of this page, each with its cursor. */
  edges: Array<UserEdge>;
  /** Whether there is more, and where to go on. */
  pageInfo: PageInfo;
};

/** A user in a page of users. */
export type UserEdge = {
  __typename?: 'UserEdge';
  /** Give it as `after` to go on behind this user. */
  cursor: Scalars['String']['output'];
  /** The user. */
  node: User;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  ApiToken: ResolverTypeWrapper<ApiTokenRow>;
  AuditConnection: ResolverTypeWrapper<Omit<AuditConnection, 'edges'> & { edges: Array<ResolversTypes['AuditEdge']> }>;
  AuditEdge: ResolverTypeWrapper<Omit<AuditEdge, 'node'> & { node: ResolversTypes['AuditEvent'] }>;
  AuditEvent: ResolverTypeWrapper<AuditEventRow>;
  AuditEventType: AuditEventType;
  AuthErrorReason: AuthErrorReason;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NewApiToken: ResolverTypeWrapper<Omit<NewApiToken, 'apiToken'> & { apiToken: ResolversTypes['ApiToken'] }>;
  Note: ResolverTypeWrapper<Note>;
  OwnerAlternative: OwnerAlternative;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Session: ResolverTypeWrapper<SessionRow>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  TokenPair: ResolverTypeWrapper<TokenPair>;
  User: ResolverTypeWrapper<UserRow>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges'> & { edges: Array<ResolversTypes['UserEdge']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  ApiToken: ApiTokenRow;
  AuditConnection: Omit<AuditConnection, 'edges'> & { edges: Array<ResolversParentTypes['AuditEdge']> };
  AuditEdge: Omit<AuditEdge, 'node'> & { node: ResolversParentTypes['AuditEvent'] };
  AuditEvent: AuditEventRow;
  Boolean: Scalars['Boolean']['output'];
  DateTime: Scalars['DateTime']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Mutation: Record<PropertyKey, never>;
  NewApiToken: Omit<NewApiToken, 'apiToken'> & { apiToken: ResolversParentTypes['ApiToken'] };
  Note: Note;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  Session: SessionRow;
  String: Scalars['String']['output'];
  TokenPair: TokenPair;
  User: UserRow;
  UserConnection: Omit<UserConnection, 'edges'> & { edges: Array<ResolversParentTypes['UserEdge']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
};

export type AdminDirectiveArgs = { };

export type AdminDirectiveResolver<Result, Parent, ContextType = Context, Args = AdminDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AuthDirectiveArgs = { };

export type AuthDirectiveResolver<Result, Parent, ContextType = Context, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type FreshDirectiveArgs = {
  maxAge?: Maybe<Scalars['Int']['input']>;
};

export type FreshDirectiveResolver<Result, Parent, ContextType = Context, Args = FreshDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OptionalAuthDirectiveArgs = { };

export type OptionalAuthDirectiveResolver<Result, Parent, ContextType = Context, Args = OptionalAuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OwnerDirectiveArgs = {
  field: Scalars['String']['input'];
  or?: Maybe<OwnerAlternative>;
};

export type OwnerDirectiveResolver<Result, Parent, ContextType = Context, Args = OwnerDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = Context, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type RequiresScopesDirectiveArgs = {
  scopes: Array<Array<Scalars['String']['input']>>;
};

export type RequiresScopesDirectiveResolver<Result, Parent, ContextType = Context, Args = RequiresScopesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type SelfDirectiveArgs = {
  argument: Scalars['String']['input'];
};

export type SelfDirectiveResolver<Result, Parent, ContextType = Context, Args = SelfDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ApiTokenResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiToken'] = ResolversParentTypes['ApiToken']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, SignedInContext<ContextType>>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, SignedInContext<ContextType>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, SignedInContext<ContextType>>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, SignedInContext<ContextType>>;
  name?: Resolver<ResolversTypes['String'], ParentType, SignedInContext<ContextType>>;
  scopes?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, SignedInContext<ContextType>>;
};

export type AuditConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditConnection'] = ResolversParentTypes['AuditConnection']> = {
  edges?: Resolver<Array<ResolversTypes['AuditEdge']>, ParentType, SignedInContext<ContextType>>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, SignedInContext<ContextType>>;
};

export type AuditEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEdge'] = ResolversParentTypes['AuditEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, SignedInContext<ContextType>>;
  node?: Resolver<ResolversTypes['AuditEvent'], ParentType, SignedInContext<ContextType>>;
};

export type AuditEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEvent'] = ResolversParentTypes['AuditEvent']> = {
  actorId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, SignedInContext<ContextType>>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, SignedInContext<ContextType>>;
  count?: Resolver<ResolversTypes['Int'], ParentType, SignedInContext<ContextType>>;
  device?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  event?: Resolver<ResolversTypes['AuditEventType'], ParentType, SignedInContext<ContextType>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, SignedInContext<ContextType>>;
  ip?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  issuer?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  sessionId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, SignedInContext<ContextType>>;
  userAgent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  userId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, SignedInContext<ContextType>>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  changePassword?: Resolver<Maybe<ResolversTypes['TokenPair']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationChangePasswordArgs, 'endApiTokens' | 'newPassword'>>;
  createApiToken?: Resolver<Maybe<ResolversTypes['NewApiToken']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationCreateApiTokenArgs, 'name'>>;
  createNote?: Resolver<Maybe<ResolversTypes['Note']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationCreateNoteArgs, 'text'>>;
  deleteAccount?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, SignedInContext<ContextType>>;
  deleteNotes?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, SignedInContext<ContextType>>;
  endSession?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationEndSessionArgs, 'id'>>;
  endUserSessions?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationEndUserSessionsArgs, 'id'>>;
  freshLogin?: Resolver<Maybe<ResolversTypes['TokenPair']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationFreshLoginArgs, 'password'>>;
  login?: Resolver<Maybe<ResolversTypes['TokenPair']>, ParentType, PublicContext<ContextType>, RequireFields<MutationLoginArgs, 'password' | 'username'>>;
  logout?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, PublicContext<ContextType>, Partial<MutationLogoutArgs>>;
  logoutEverywhere?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, SignedInContext<ContextType>>;
  refresh?: Resolver<Maybe<ResolversTypes['TokenPair']>, ParentType, PublicContext<ContextType>, Partial<MutationRefreshArgs>>;
  register?: Resolver<Maybe<ResolversTypes['TokenPair']>, ParentType, PublicContext<ContextType>, RequireFields<MutationRegisterArgs, 'password' | 'username'>>;
  revokeApiToken?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationRevokeApiTokenArgs, 'id'>>;
  revokeUserApiToken?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationRevokeUserApiTokenArgs, 'id'>>;
  setUserActive?: Resolver<Maybe<ResolversTypes['User']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationSetUserActiveArgs, 'active' | 'id'>>;
  setUserAdmin?: Resolver<Maybe<ResolversTypes['User']>, ParentType, SignedInContext<ContextType>, RequireFields<MutationSetUserAdminArgs, 'admin' | 'id'>>;
};

export type NewApiTokenResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NewApiToken'] = ResolversParentTypes['NewApiToken']> = {
  apiToken?: Resolver<ResolversTypes['ApiToken'], ParentType, SignedInContext<ContextType>>;
  token?: Resolver<ResolversTypes['String'], ParentType, SignedInContext<ContextType>>;
};

export type NoteResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Note'] = ResolversParentTypes['Note']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, SignedInContext<ContextType>>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  apiTokens?: Resolver<Maybe<Array<ResolversTypes['ApiToken']>>, ParentType, SignedInContext<ContextType>, RequireFields<QueryApiTokensArgs, 'first'>>;
  auditLog?: Resolver<Maybe<ResolversTypes['AuditConnection']>, ParentType, SignedInContext<ContextType>, Partial<QueryAuditLogArgs>>;
  me?: Resolver<Maybe<ResolversTypes['User']>, ParentType, SignedInContext<ContextType>>;
  noteCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, SignedInContext<ContextType>, RequireFields<QueryNoteCountArgs, 'userId'>>;
  notes?: Resolver<Maybe<Array<ResolversTypes['Note']>>, ParentType, SignedInContext<ContextType>>;
  serverTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, PublicContext<ContextType>>;
  sessions?: Resolver<Maybe<Array<ResolversTypes['Session']>>, ParentType, SignedInContext<ContextType>, RequireFields<QuerySessionsArgs, 'first'>>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, SignedInContext<ContextType>, Partial<QueryUsersArgs>>;
  viewer?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type SessionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, SignedInContext<ContextType>>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, SignedInContext<ContextType>>;
  device?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, SignedInContext<ContextType>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, SignedInContext<ContextType>>;
  ip?: Resolver<ResolversTypes['String'], ParentType, SignedInContext<ContextType>>;
  lastUsedAt?: Resolver<ResolversTypes['DateTime'], ParentType, SignedInContext<ContextType>>;
  userAgent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
};

export type TokenPairResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TokenPair'] = ResolversParentTypes['TokenPair']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  fresh?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  refreshExpiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refreshToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tokenType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  active?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, SignedInContext<ContextType>>;
  apiTokens?: Resolver<Maybe<Array<ResolversTypes['ApiToken']>>, ParentType, SignedInContext<ContextType>, RequireFields<UserApiTokensArgs, 'first'>>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, SignedInContext<ContextType>>;
  fullName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, SignedInContext<ContextType>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, SignedInContext<ContextType>>;
  isAdmin?: Resolver<ResolversTypes['Boolean'], ParentType, SignedInContext<ContextType>>;
  securityEvents?: Resolver<Maybe<ResolversTypes['AuditConnection']>, ParentType, SignedInContext<ContextType>, Partial<UserSecurityEventsArgs>>;
  username?: Resolver<ResolversTypes['String'], ParentType, SignedInContext<ContextType>>;
};

export type UserConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<Array<ResolversTypes['UserEdge']>, ParentType, SignedInContext<ContextType>>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, SignedInContext<ContextType>>;
};

export type UserEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, SignedInContext<ContextType>>;
  node?: Resolver<ResolversTypes['User'], ParentType, SignedInContext<ContextType>>;
};

export type Resolvers<ContextType = Context> = {
  ApiToken?: ApiTokenResolvers<ContextType>;
  AuditConnection?: AuditConnectionResolvers<ContextType>;
  AuditEdge?: AuditEdgeResolvers<ContextType>;
  AuditEvent?: AuditEventResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  NewApiToken?: NewApiTokenResolvers<ContextType>;
  Note?: NoteResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  TokenPair?: TokenPairResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  admin?: AdminDirectiveResolver<any, any, ContextType>;
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  fresh?: FreshDirectiveResolver<any, any, ContextType>;
  optionalAuth?: OptionalAuthDirectiveResolver<any, any, ContextType>;
  owner?: OwnerDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
  requiresScopes?: RequiresScopesDirectiveResolver<any, any, ContextType>;
  self?: SelfDirectiveResolver<any, any, ContextType>;
};
