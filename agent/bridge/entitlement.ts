// How Work IQ says that a licence or billing is missing, wherever it says so, and what mends it.

export const entitlement = /not entitled|billing policy|credits? access is not configured|NoPolicy/i;
export const entitlementAction =
  'Ask an administrator for a Microsoft 365 Copilot licence, or to add the user to an active billing plan with the Work IQ API; it takes up to 30 minutes.';
