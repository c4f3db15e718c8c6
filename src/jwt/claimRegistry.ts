// What is known of names in tokens: the claims and header parameters that IANA has registered and that access and ID
// tokens hold, and some in wide use that nobody has.

export interface NameFacts {
  /** "Expires" */
  label: string;
  /** One sentence. */
  meaning: string;
  /** Where that is written; undefined for names that nobody has registered. */
  reference?: Reference;
}

export interface Reference {
  /** "RFC 7519 section 4.1.4" */
  text: string;
  url: string;
}

type Entry = readonly [label: string, meaning: string, reference?: Reference];

function rfc(number: number, section: string): Reference {
  const url = `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`;
  return { text: `RFC ${number} section ${section}`, url };
}

function connect(section: string): Reference {
  const url = 'https://openid.net/specs/openid-connect-core-1_0.html';
  return { text: `OpenID Connect Core section ${section}`, url };
}

const frontChannelLogout: Reference = {
  text: 'OpenID Connect Front-Channel Logout section 3',
  url: 'https://openid.net/specs/openid-connect-frontchannel-1_0.html',
};

/** The registered ones of RFC 7519 first, in its order. */
const claims: Readonly<Record<string, Entry>> = {
  iss: ['Issued by', 'Who made the token.', rfc(7519, '4.1.1')],
  sub: ['Subject', 'Whom the token speaks of, unique at its issuer.', rfc(7519, '4.1.2')],
  aud: [
    'Audience',
    'Whom the token is meant for: a server that does not find itself here must refuse it.',
    rfc(7519, '4.1.3'),
  ],
  exp: ['Expires', 'From this moment on the token must be refused.', rfc(7519, '4.1.4')],
  nbf: ['Not valid before', 'Before this moment the token must be refused.', rfc(7519, '4.1.5')],
  iat: ['Issued at', 'When the token was made.', rfc(7519, '4.1.6')],
  jti: [
    'Token ID',
    'Names this one token, so that a server can tell when it comes again.',
    rfc(7519, '4.1.7'),
  ],

  act: ['Acting party', 'Who acts in the name of the subject.', rfc(8693, '4.1')],
  scope: ['Scope', 'What the token allows, separated by spaces.', rfc(8693, '4.2')],
  client_id: ['Client', 'The OAuth client that asked for the token.', rfc(8693, '4.3')],
  may_act: ['May be acted for by', 'Who may act in the name of the subject.', rfc(8693, '4.4')],
  cnf: [
    'Bound to key',
    'The key whose possession the sender must prove: the token alone is not enough.',
    rfc(7800, '3.1'),
  ],
  authorization_details: [
    'Authorization details',
    'What the token allows, in more detail than a scope can say.',
    rfc(9396, '9.1'),
  ],
  roles: ['Roles', 'The roles of the subject.', rfc(9068, '2.2.3.1')],
  groups: ['Groups', 'The groups that the subject belongs to.', rfc(9068, '2.2.3.1')],
  entitlements: ['Entitlements', 'What the subject is entitled to.', rfc(9068, '2.2.3.1')],
  htm: ['HTTP method', 'The method of the one request that this proof is for.', rfc(9449, '4.2')],
  htu: ['HTTP URI', 'The address of the one request that this proof is for.', rfc(9449, '4.2')],
  ath: ['Access token hash', 'The hash of the access token that this proof goes with.', rfc(9449, '4.2')],
  events: ['Security events', 'What the token reports, by the kind of event.', rfc(8417, '2.2')],
  toe: ['Time of event', 'When the reported event took place.', rfc(8417, '2.2')],
  txn: ['Transaction', 'Names what the token belongs to, across systems.', rfc(8417, '2.2')],

  azp: ['Authorized party', 'The client that the token was made for.', connect('2')],
  nonce: [
    'Nonce',
    'What the client gave when it asked, so that a token can not be replayed to it.',
    connect('2'),
  ],
  auth_time: ['Signed in at', 'When the user signed in.', connect('2')],
  acr: ['Authentication level', 'How strongly the user was authenticated.', connect('2')],
  amr: ['Authenticated by', 'The methods by which the user was authenticated.', connect('2')],
  at_hash: ['Access token hash', 'Ties the ID token to its access token.', connect('3.1.3.6')],
  c_hash: ['Code hash', 'Ties the ID token to its authorization code.', connect('3.3.2.11')],
  name: ['Name', 'The full name of the user, for display.', connect('5.1')],
  given_name: ['Given name', 'The given names of the user.', connect('5.1')],
  family_name: ['Family name', 'The surnames of the user.', connect('5.1')],
  middle_name: ['Middle name', 'The middle names of the user.', connect('5.1')],
  nickname: ['Nickname', 'What the user likes to be called.', connect('5.1')],
  preferred_username: ['User name', 'What the user wants to be known as; not unique.', connect('5.1')],
  profile: ['Profile page', 'The address of a page about the user.', connect('5.1')],
  picture: ['Picture', 'The address of a picture of the user.', connect('5.1')],
  website: ['Web site', 'The address of the site of the user.', connect('5.1')],
  email: ['E-mail', 'The preferred e-mail address of the user; not unique.', connect('5.1')],
  email_verified: ['E-mail verified', 'Whether the issuer has checked the e-mail address.', connect('5.1')],
  gender: ['Gender', 'The gender of the user.', connect('5.1')],
  birthdate: ['Birthday', 'The birthday of the user.', connect('5.1')],
  zoneinfo: ['Time zone', 'The time zone of the user.', connect('5.1')],
  locale: ['Locale', 'The language and region of the user.', connect('5.1')],
  phone_number: ['Phone', 'The preferred phone number of the user.', connect('5.1')],
  phone_number_verified: [
    'Phone verified',
    'Whether the issuer has checked the phone number.',
    connect('5.1'),
  ],
  address: ['Address', 'The postal address of the user.', connect('5.1')],
  updated_at: ['Profile updated at', 'When what is said of the user was last changed.', connect('5.1')],
  sub_jwk: ['Key of the subject', 'The public key of an issuer that signs for itself.', connect('7.4')],
  sid: ['Session ID', 'The session at the issuer, so that its end can be told.', frontChannelLogout],

  permissions: ['Permissions', 'What the token allows, as Auth0 and others write it.'],
  scp: ['Scope', 'What the token allows, as Entra ID and Okta write it.'],
  tenant: ['Tenant', 'The tenant that the subject belongs to.'],
  tid: ['Tenant', 'The tenant that the subject belongs to, as Entra ID writes it.'],
  oid: ['Object ID', 'The subject across all applications of a tenant, as Entra ID writes it.'],
  org_id: ['Organization', 'The organization that the user signed in to.'],
  appid: ['Application', 'The client that asked for the token, as Entra ID writes it.'],
  idp: ['Identity provider', 'Who has authenticated the user.'],
  ver: ['Version', 'The version of the form in which the issuer writes its tokens.'],
  typ: ['Kind of token', 'What the token is for, as Keycloak writes it.'],
};

const headerParameters: Readonly<Record<string, Entry>> = {
  alg: ['Algorithm', 'How the token is signed, or how its key is encrypted.', rfc(7515, '4.1.1')],
  jku: [
    'Key set URL',
    'Where the token says its keys are: a server must not believe it unasked.',
    rfc(7515, '4.1.2'),
  ],
  jwk: [
    'Public key',
    'The key that the token says it is signed with: a server must not believe it unasked.',
    rfc(7515, '4.1.3'),
  ],
  kid: ['Key ID', "Which of the issuer's keys it was signed with.", rfc(7515, '4.1.4')],
  x5u: ['Certificate URL', 'Where the certificate of its key is.', rfc(7515, '4.1.5')],
  x5c: ['Certificate chain', 'The certificate of its key, with its chain.', rfc(7515, '4.1.6')],
  x5t: ['Certificate thumbprint (SHA-1)', 'Which certificate its key has.', rfc(7515, '4.1.7')],
  'x5t#S256': ['Certificate thumbprint (SHA-256)', 'Which certificate its key has.', rfc(7515, '4.1.8')],
  typ: ['Type', 'What kind of token it is: "JWT", "at+jwt" for an access token.', rfc(7515, '4.1.9')],
  cty: ['Content type', 'What the payload is; "JWT" where a token is inside a token.', rfc(7515, '4.1.10')],
  crit: [
    'Must be understood',
    'Extensions that a server must know: one that does not must refuse the token.',
    rfc(7515, '4.1.11'),
  ],
  enc: ['Content encryption', 'How the content is encrypted.', rfc(7516, '4.1.2')],
  zip: ['Compression', 'How the content was compressed before it was encrypted.', rfc(7516, '4.1.3')],
  epk: ['Ephemeral key', "The sender's key for this one agreement.", rfc(7518, '4.6.1.1')],
  apu: ['Producer', 'Who made the token, for the key agreement.', rfc(7518, '4.6.1.2')],
  apv: ['Recipient', 'Who is to read the token, for the key agreement.', rfc(7518, '4.6.1.3')],
  iv: ['Initialization vector', 'With what its key was encrypted.', rfc(7518, '4.7.1.1')],
  tag: ['Authentication tag', 'What proves that its encrypted key is whole.', rfc(7518, '4.7.1.2')],
  p2s: ['Salt', 'What is mixed with the password that its key is derived from.', rfc(7518, '4.8.1.1')],
  p2c: ['Rounds', 'How often a password is hashed to derive its key.', rfc(7518, '4.8.1.2')],
  iss: ['Issued by', 'Who made the token, readable without its key.', rfc(7519, '5.3')],
  sub: ['Subject', 'Whom the token speaks of, readable without its key.', rfc(7519, '5.3')],
  aud: ['Audience', 'Whom the token is meant for, readable without its key.', rfc(7519, '5.3')],
  b64: ['Payload in base64url', 'Whether the payload is signed in base64url or as it is.', rfc(7797, '3')],
};

const tables = { header: headerParameters, payload: claims };

export type ClaimPlace = keyof typeof tables;

/** Undefined for names that nobody knows. */
export function factsOf(name: string, where: ClaimPlace): NameFacts | undefined {
  const table = tables[where];
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!entry) return undefined;
  const [label, meaning, reference] = entry;
  return reference ? { label, meaning, reference } : { label, meaning };
}

/** The names that have facts. */
export function knownNames(where: ClaimPlace): string[] {
  return Object.keys(tables[where]);
}
