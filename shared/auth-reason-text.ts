// Why a sign-in does not work, as one text with Entra's number to look it up by. It knows no state and no error.

export interface AuthReasonText {
  message: string;
  /** For example `AADSTS50173`. */
  aadsts?: string | undefined;
}

/** For example "The sign-in was not used for 90 days. (AADSTS700082)". */
export function authReasonText({ message, aadsts }: AuthReasonText): string {
  return aadsts === undefined ? message : `${message} (${aadsts})`;
}
