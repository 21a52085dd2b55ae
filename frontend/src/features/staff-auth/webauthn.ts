/*
 * WebAuthn speaks in byte buffers, our API in JSON with base64url. Chromium can translate by itself (`toJSON`,
 * `parse…FromJSON`), other browsers cannot yet, so the few fields are translated here.
 */

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function fromBytes(buffer: ArrayBuffer): string {
  let binary = '';
  for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

interface DescriptorJson {
  id: string;
  type: PublicKeyCredentialType;
  transports?: AuthenticatorTransport[];
}

export interface RequestJson {
  challenge: string;
  rpId?: string;
  timeout?: number;
  userVerification?: UserVerificationRequirement;
  allowCredentials?: DescriptorJson[];
}

export interface CreationJson {
  challenge: string;
  rp: PublicKeyCredentialRpEntity;
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout?: number;
  attestation?: AttestationConveyancePreference;
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  excludeCredentials?: DescriptorJson[];
}

const descriptors = (list: DescriptorJson[] | undefined) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

export function requestOptions(json: RequestJson): PublicKeyCredentialRequestOptions {
  return { ...json, challenge: toBytes(json.challenge), allowCredentials: descriptors(json.allowCredentials) };
}

export function creationOptions(json: CreationJson): PublicKeyCredentialCreationOptions {
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: descriptors(json.excludeCredentials),
  };
}

/** This browser can do passkeys at all, and on this address (https or localhost). */
export const passkeysWork = () => typeof PublicKeyCredential !== 'undefined' && window.isSecureContext;

/** Asks for a known passkey. Throws a DOMException when the person says no. */
export async function askForPasskey(json: RequestJson): Promise<unknown> {
  const found = (await navigator.credentials.get({ publicKey: requestOptions(json) })) as PublicKeyCredential | null;
  if (!found) throw new DOMException('No passkey was given.', 'NotAllowedError');
  const answer = found.response as AuthenticatorAssertionResponse;
  return {
    id: found.id,
    rawId: fromBytes(found.rawId),
    type: found.type,
    clientExtensionResults: found.getClientExtensionResults(),
    response: {
      clientDataJSON: fromBytes(answer.clientDataJSON),
      authenticatorData: fromBytes(answer.authenticatorData),
      signature: fromBytes(answer.signature),
      userHandle: answer.userHandle ? fromBytes(answer.userHandle) : null,
    },
  };
}

/** Makes a new passkey. Throws a DOMException when the person says no. */
export async function makePasskey(json: CreationJson): Promise<unknown> {
  const made = (await navigator.credentials.create({ publicKey: creationOptions(json) })) as PublicKeyCredential | null;
  if (!made) throw new DOMException('No passkey was made.', 'NotAllowedError');
  const answer = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: fromBytes(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: fromBytes(answer.clientDataJSON),
      attestationObject: fromBytes(answer.attestationObject),
      transports: answer.getTransports?.() ?? [],
    },
  };
}
