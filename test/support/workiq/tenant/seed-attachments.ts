// The files that hang on seeded mails. Content only.

export type SeedAttachment = 'contract' | 'cv' | 'map';

export const MAIL_ATTACHMENTS: Record<SeedAttachment, { name: string; contentType: string; bytes: Buffer }> = {
  contract: {
    name: 'Fabrikam contract draft v3.txt',
    contentType: 'text/plain',
    bytes: Buffer.from(
      'FABRIKAM / CONTOSO, DRAFT V3\n\n4.2 Logs are kept for 180 days.\nAnnex B: Logs are kept for 90 days.\n',
    ),
  },
  cv: {
    name: 'CV Sofia N.txt',
    contentType: 'text/plain',
    bytes: Buffer.from('Sofia N., backend engineer, nine years of experience, last at Tailspin.\n'),
  },
  map: {
    name: 'Lake House.svg',
    contentType: 'image/svg+xml',
    bytes: Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="3" fill="#38c"/></svg>\n',
    ),
  },
};
