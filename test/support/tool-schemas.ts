// Input schemas of the shapes that mail, calendar, chat, file and data servers send; made up, and shared by the form's tests.

const text = { type: 'string' };
const texts = { type: 'array', items: text };

export const toolSchemas = {
  nothing: { type: 'object', properties: {}, required: [] },
  bareObject: { type: 'object' },
  oneText: { type: 'object', properties: { search: text }, required: ['search'] },
  optionalTexts: {
    type: 'object',
    properties: {
      query: { ...text, description: 'OData, begins with "?".' },
      plainBody: { type: 'boolean' },
      next: text,
    },
    required: [],
  },
  mailWithAttachments: {
    type: 'object',
    properties: {
      to: texts,
      cc: texts,
      subject: text,
      body: text,
      attachments: {
        type: 'array',
        items: { type: 'object', properties: { name: text, contentBase64: text, contentType: text }, required: [] },
      },
    },
    required: [],
  },
  flag: {
    type: 'object',
    properties: { messageId: text, status: { ...text, enum: ['off', 'on', 'done'] } },
    required: ['messageId', 'status'],
  },
  event: {
    type: 'object',
    properties: {
      subject: text,
      attendees: texts,
      start: { ...text, description: 'ISO 8601' },
      end: { ...text, description: 'ISO 8601' },
      format: { ...text, enum: ['Text', 'HTML'] },
      online: { type: 'boolean' },
    },
    required: ['subject', 'start', 'end'],
  },
  meetingTimes: {
    type: 'object',
    properties: { attendees: texts, top: { type: 'integer' }, share: { type: 'number' } },
    required: [],
  },
  listItem: {
    type: 'object',
    properties: { siteId: text, fields: { type: 'object' } },
    required: ['siteId', 'fields'],
  },
  mentions: {
    type: 'object',
    properties: { content: text, mentions: { type: 'array', items: { type: 'object' } } },
    required: ['content'],
  },
  objectOrText: {
    type: 'object',
    properties: { url: text, body: { oneOf: [{ type: 'object' }, text], description: 'Object or JSON text.' } },
    required: ['url', 'body'],
  },
  capabilities: {
    type: 'object',
    properties: {
      query: texts,
      capabilities: {
        type: 'array',
        items: { type: 'object', properties: { name: { ...text, enum: ['People', 'Mail', 'Files'] } } },
      },
    },
    required: ['query'],
  },
  recipe: {
    type: 'object',
    properties: { recipe: { description: 'Object or text.' }, values: { type: 'object' }, dryRun: { type: 'boolean' } },
    required: ['recipe'],
  },
} as const;
