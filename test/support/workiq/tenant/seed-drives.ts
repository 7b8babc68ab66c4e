// The files of the simulated tenant. Content only: real Markdown and text, padding bytes where only the size matters.
import { createHash } from 'node:crypto';
import { at, type Days } from './days.ts';
import type { Drive, DriveItem } from './drive.ts';
import type { Tenant } from './tenant.ts';

const OFFICE = 'application/vnd.openxmlformats-officedocument';
const XLSX = `${OFFICE}.spreadsheetml.sheet`;
const DOCX = `${OFFICE}.wordprocessingml.document`;
const PPTX = `${OFFICE}.presentationml.presentation`;
const MIB = 1_048_576;

export function seedDrives(tenant: Tenant, days: Days): void {
  const { directory } = tenant;
  const nextYear = days.now.getUTCFullYear() + 1;

  const drive = (key: string): Drive => {
    const found = tenant.drives.get(directory.named(key).id);
    if (!found) throw new Error(`${key} has no drive.`);
    return found;
  };
  const folder = (owner: string, name: string, workday: number): DriveItem =>
    drive(owner).add({ name, folder: true, modified: at(days.workday(workday), '10:00'), by: directory.named(owner) });
  const file = (
    owner: string,
    name: string,
    mimeType: string,
    content: string | number,
    options: { workday: number; by?: string; parent?: DriveItem },
  ): DriveItem => {
    const modified = at(days.workday(options.workday), '11:00');
    const bytes = typeof content === 'string' ? () => Buffer.from(content) : () => padding(name, content);
    const size = typeof content === 'string' ? Buffer.byteLength(content) : content;
    const by = directory.named(options.by ?? owner);
    return drive(owner).add({ name, mimeType, content: bytes, size, modified, by }, options.parent);
  };

  file('adele', `Budget ${nextYear}.xlsx`, XLSX, 18_231, { workday: -1, by: 'rob' });
  const specs = folder('adele', 'Specs', -2);
  file('adele', 'Lockbox design.md', 'text/markdown', LOCKBOX, { workday: -2, parent: specs });
  file('adele', 'Incident 4711.md', 'text/markdown', INCIDENT, { workday: -1, by: 'grady', parent: specs });
  file('adele', 'Project X API.yaml', 'application/yaml', API, { workday: -4, parent: specs });
  file('adele', 'Project X roadmap.pptx', PPTX, 412_655, { workday: -6, by: 'megan', parent: specs });
  const contracts = folder('adele', 'Contracts', -3);
  file('adele', 'Fabrikam contract draft v3.docx', DOCX, 48_902, { workday: -1, by: 'megan', parent: contracts });
  file('adele', 'Release notes.md', 'text/markdown', RELEASE_NOTES, { workday: -1 });
  file('adele', 'Team photo.png', 'image/png', 96_014, { workday: -8 });
  file('adele', 'Offsite photos.zip', 'application/zip', 4 * MIB, { workday: -7, by: 'grady' });
  file('adele', 'Project X demo.mp4', 'video/mp4', 6 * MIB, { workday: -5, by: 'megan' });

  file('rob', `Budget ${nextYear}.xlsx`, XLSX, 18_231, { workday: -1 });
  file('rob', 'Headcount plan.docx', DOCX, 22_480, { workday: -3 });
  const legal = folder('megan', 'Contracts', -3);
  file('megan', 'Fabrikam contract draft v3.docx', DOCX, 48_902, { workday: -1, parent: legal });
  file('megan', 'Campaign plan.md', 'text/markdown', '# Project X campaign\n\nTeaser, launch week, case studies.\n', {
    workday: -2,
  });
}

/** Bytes that look compressed and depend on `name` only. */
function padding(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest();
  return Buffer.alloc(size, block);
}

const LOCKBOX = `# Lockbox design

Lockbox keeps customer keys apart from customer data. Support staff ask for access, the customer approves.

- Pilot group: Fabrikam, three internal teams
- Open question: how long may an approval last? Proposal: four hours
- Owner: Adele Vance; reviewers: Grady Archie, Rob Young
`;

const INCIDENT = `# Incident 4711: sign-in outage

Sign-in failed for 38 minutes after a certificate was rotated on one of two gateways.

1. Alert on certificate age (Grady)
2. Rotation runbook with a second pair of eyes (Adele)
3. Note to affected customers, Fabrikam first (Isaiah)
`;

const RELEASE_NOTES = `# Project X release notes (draft)

- Lockbox: approvals by the customer, pilot
- Faster start: 40 % less time to the first screen
- Fixed: meeting links in reminders
`;

const API = `openapi: 3.1.0
info: { title: Project X, version: 0.9.0 }
paths:
  /approvals:
    get: { summary: List pending approvals }
`;
