// The people of the simulated tenant, their reporting lines and their outside partners. Knows no mail, calendar or wire.
import { stableGuid } from './identity.ts';

export type EmailAddress = { name: string; address: string };
export type Recipient = { emailAddress: EmailAddress };

export type Person = {
  id: string;
  displayName: string;
  givenName: string;
  surname: string;
  mail: string;
  userPrincipalName: string;
  jobTitle: string;
  department: string;
  officeLocation: string;
  mobilePhone: string | null;
  businessPhones: string[];
  preferredLanguage: string;
};

export type Directory = {
  readonly people: readonly Person[];
  /** By object id, user principal name or mail address. */
  find(identifier: string): Person | undefined;
  /** By the first name in lower case, as the seed files write people. Throws on a misspelt seed. */
  named(key: string): Person;
  /** A recipient for an address or a seed name; outsiders keep the address as their name unless they are known. */
  recipient(addressOrKey: string): Recipient;
  managerOf(person: Person): Person | undefined;
  reportsOf(person: Person): Person[];
};

export const ADELE_OID = '0c6bc4a2-337b-4672-9bcd-6aa53af1b02a';
export const MEGAN_OID = '22222222-0000-4000-8000-000000000001';
export const ROB_OID = '22222222-0000-4000-8000-000000000002';
export const DOMAIN = 'contoso.example';

type Row = [name: string, title: string, department: string, office: string, manager: string | null, id?: string];

const ROWS: Row[] = [
  ['Adele Vance', 'Engineer', 'Product Engineering', '18/2111', 'rob', ADELE_OID],
  ['Rob Young', 'Engineering Manager', 'Product Engineering', '18/2104', 'patti', ROB_OID],
  ['Megan Bowen', 'Product Marketing Manager', 'Marketing', '12/1110', 'patti', MEGAN_OID],
  ['Patti Fernandez', 'Chief Operating Officer', 'Executive Management', '15/1102', null],
  ['Lee Gu', 'Engineering Intern', 'Product Engineering', '18/2113', 'adele'],
  ['Grady Archie', 'Site Reliability Engineer', 'Operations', '36/2121', 'rob'],
  ['Diego Siciliani', 'People Partner', 'Human Resources', '14/1108', 'patti'],
  ['Isaiah Langer', 'Account Manager', 'Sales', '20/1101', 'megan'],
  ['Johanna Lorenz', 'Data Analyst', 'Finance', '23/2102', 'patti'],
  ['Alex Wilber', 'Content Designer', 'Marketing', '12/1115', 'megan'],
];

const OUTSIDERS: Record<string, EmailAddress> = {
  priya: { name: 'Priya Raman', address: 'priya.raman@fabrikam.example' },
  sam: { name: 'Sam Ortega', address: 'sam@northwind.example' },
  desk: { name: 'IT Service Desk', address: `service-desk@${DOMAIN}` },
  news: { name: 'Contoso Weekly', address: `weekly@${DOMAIN}` },
  build: { name: 'Build Pipeline', address: `builds@${DOMAIN}` },
  travel: { name: 'Travel Office', address: `travel@${DOMAIN}` },
};

export function createDirectory(): Directory {
  const byKey = new Map<string, Person>();
  const managers = new Map<string, string>();
  for (const [index, [name, jobTitle, department, officeLocation, manager, id]] of ROWS.entries()) {
    const [givenName = '', surname = ''] = name.split(' ');
    const key = givenName.toLowerCase();
    const address = `${key}@${DOMAIN}`;
    const person: Person = {
      id: id ?? stableGuid(`person/${key}`),
      displayName: name,
      givenName,
      surname,
      mail: address,
      userPrincipalName: address,
      jobTitle,
      department,
      officeLocation,
      mobilePhone: null,
      businessPhones: [`+1 425 555 01${String(index).padStart(2, '0')}`],
      preferredLanguage: 'en-US',
    };
    byKey.set(key, person);
    if (manager) managers.set(person.id, manager);
  }
  const people = [...byKey.values()];
  const find = (identifier: string): Person | undefined => {
    const wanted = identifier.toLowerCase();
    return people.find(
      (person) => person.id === wanted || person.mail === wanted || person.userPrincipalName === wanted,
    );
  };
  const managerOf = (person: Person): Person | undefined => {
    const key = managers.get(person.id);
    return key ? byKey.get(key) : undefined;
  };
  return {
    people,
    find,
    named(key) {
      const person = byKey.get(key);
      if (!person) throw new Error(`Nobody in the simulated tenant is called '${key}'.`);
      return person;
    },
    recipient(addressOrKey) {
      const person = byKey.get(addressOrKey) ?? find(addressOrKey);
      if (person) return { emailAddress: { name: person.displayName, address: person.mail } };
      const outsider =
        OUTSIDERS[addressOrKey] ??
        Object.values(OUTSIDERS).find((known) => known.address === addressOrKey.toLowerCase());
      return { emailAddress: outsider ? { ...outsider } : { name: addressOrKey, address: addressOrKey } };
    },
    managerOf,
    reportsOf: (person) => people.filter((other) => managerOf(other)?.id === person.id),
  };
}
