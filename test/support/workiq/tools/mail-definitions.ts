// The tools of the catalogue's mail server as its tools/list shows them. Definitions only.
import { choice, flag, text, texts, tool, type JsonSchema, type ToolDefinition } from './tool.ts';

const writes = { mutates: true };

const file: JsonSchema = {
  type: 'object',
  properties: { FileName: text(), ContentBase64: text(), ContentType: text() },
  required: [],
};
const files = {
  attachmentUris: texts('Links to Microsoft 365 files.'),
  directAttachments: { type: 'array', items: file },
  directAttachmentFilePaths: texts(),
};
const recipients = { to: texts(), cc: texts(), bcc: texts() };
const moreRecipients = { additionalTo: texts(), additionalCc: texts(), additionalBcc: texts() };
const reply = {
  'id!': text(),
  comment: text(),
  preferHtml: flag(),
  toRecipients: texts(),
  ccRecipients: texts(),
  bccRecipients: texts(),
  sendImmediately: flag('False leaves a draft.'),
};
const thread = { 'messageId!': text(), introComment: text(), preferHtml: flag(), ...moreRecipients };
const upload = { 'messageId!': text(), 'fileName!': text(), 'contentBase64!': text(), contentType: text() };

export const MAIL_TOOLS: readonly ToolDefinition[] = [
  tool(
    'SearchMessagesQueryParameters',
    "Search mail with OData query options in one string that starts with '?'. Page by passing the previous answer's nextLink.",
    { queryParameters: text('For example ?$search="budget"&$top=10'), preferTextBody: flag(), nextLink: text() },
  ),
  tool(
    'SearchMessages',
    'Let Copilot find mail from a plain-language request. Slow; answers in prose with citations.',
    {
      'message!': text(),
      conversationId: text(),
    },
  ),
  tool('GetMessage', 'Read one message by id.', { 'id!': text(), bodyPreviewOnly: flag() }),
  tool(
    'CreateDraftMessage',
    'Create a draft; nothing is sent.',
    { subject: text(), body: text(), ...recipients, contentType: text() },
    writes,
  ),
  tool(
    'UpdateDraft',
    'Change recipients, text or attachments of a draft.',
    { 'messageId!': text(), ...recipients, subject: text(), body: text(), ...files },
    writes,
  ),
  tool('SendDraftMessage', 'Send an existing draft.', { 'id!': text() }, writes),
  tool(
    'SendEmailWithAttachments',
    'Compose and send at once; attachments are optional.',
    { ...recipients, subject: text(), body: text(), ...files },
    writes,
  ),
  tool(
    'UpdateMessage',
    'Change subject, body, categories or importance of a message.',
    { 'id!': text(), subject: text(), body: text(), contentType: text(), categories: texts(), importance: text() },
    writes,
  ),
  tool(
    'FlagEmail',
    'Set, complete or clear the follow-up flag.',
    { 'messageId!': text(), 'flagStatus!': choice('notFlagged', 'flagged', 'complete') },
    writes,
  ),
  tool('DeleteMessage', 'Delete a message.', { 'id!': text() }, writes),
  tool('ReplyToMessage', 'Reply to the sender.', reply, writes),
  tool('ReplyAllToMessage', 'Reply to everyone.', reply, writes),
  tool(
    'ReplyWithFullThread',
    'Reply with the quoted thread and further recipients.',
    { ...thread, replyAll: flag(), includeOriginalNonInlineAttachments: flag(), sendImmediately: flag() },
    writes,
  ),
  tool(
    'ReplyAllWithFullThread',
    'Reply to everyone with the quoted thread.',
    { ...thread, includeOriginalNonInlineAttachments: flag(), sendImmediately: flag() },
    writes,
  ),
  tool('ForwardMessage', 'Forward to new recipients.', { ...thread, ...files }, writes),
  tool(
    'ForwardMessageWithFullThread',
    'Forward with the quoted thread.',
    { ...thread, includeOriginalNonInlineAttachments: flag() },
    writes,
  ),
  tool('GetAttachments', 'List the attachments of a message.', { 'messageId!': text() }),
  tool('DownloadAttachment', 'Get the bytes of an attachment as base64.', {
    'messageId!': text(),
    'attachmentId!': text(),
  }),
  tool('UploadAttachment', 'Attach a file below 3 MB, as base64.', upload, writes),
  tool('UploadLargeAttachment', 'Attach a file of 3 to 150 MB.', upload, writes),
  tool('DeleteAttachment', 'Remove an attachment.', { 'messageId!': text(), 'attachmentId!': text() }, writes),
  tool(
    'AddDraftAttachments',
    'Attach Microsoft 365 files by link to a draft.',
    { 'messageId!': text(), 'attachmentUris!': texts() },
    writes,
  ),
];
