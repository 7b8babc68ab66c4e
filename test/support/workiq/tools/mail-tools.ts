// The catalogue's mail tools over the simulated Graph. Knows no HTTP and no framing.
import { randomUUID } from 'node:crypto';
import type { Entity } from '../graph/filter.ts';
import { plainText, type MessageBody } from '../tenant/mailbox.ts';
import { asSentence, asStructured, asText } from './catalogue-answer.ts';
import {
  CatalogueFailure,
  conversationAnswer,
  createCatalogueServer,
  type CatalogueHandler,
  type RunGraph,
} from './catalogue-server.ts';
import { answerQuestion } from './copilot.ts';
import { MAIL_TOOLS } from './mail-definitions.ts';
import { isSet, textOf, textsOf, type ToolArguments } from './tool.ts';
import { think, type ToolCall, type ToolServer } from './tool-call.ts';

const GRAPH = 'https://graph.microsoft.com/v1.0';

export function createMailServer(): ToolServer {
  return createCatalogueServer({ name: 'mcp_MailTools', definitions: MAIL_TOOLS, handlers: HANDLERS });
}

const HANDLERS: Record<string, CatalogueHandler> = {
  SearchMessagesQueryParameters: (call, run) => {
    const next = textOf(call.args, 'nextLink');
    if (next && !next.startsWith(`${GRAPH}/me/`)) throw new CatalogueFailure('nextLink is not one of this server.');
    const query = textOf(call.args, 'queryParameters') ?? '';
    if (query && !query.startsWith('?')) throw new CatalogueFailure("queryParameters has to start with '?'.");
    const data = run('fetch', next ? next.slice(GRAPH.length) : `/me/messages${query}`);
    const value = data['value'] as Entity[];
    const nextLink = (data['@odata.nextLink'] as string | undefined) ?? null;
    const shown = isSet(call.args, 'preferTextBody') ? value.map(withTextBody) : value;
    return asText(call, { value: shown, hasMoreResults: nextLink !== null, nextLink });
  },
  SearchMessages: async (call) => {
    const question = textOf(call.args, 'message') ?? '';
    await think(call);
    const answer = answerQuestion({ tenant: call.tenant, me: call.me, text: `${question} mail`, zone: 'UTC' });
    return conversationAnswer(call, {
      conversationId: textOf(call.args, 'conversationId') ?? randomUUID(),
      question,
      ...answer,
    });
  },
  GetMessage: (call, run) => {
    const message = run('fetch', messageUrl(call.args, 'id'));
    if (isSet(call.args, 'bodyPreviewOnly')) delete message['body'];
    return asStructured('Message retrieved successfully.', message);
  },
  CreateDraftMessage: (call, run) => asText(call, run('create', '/me/messages', compose(call.args))),
  UpdateDraft: (call, run) => {
    const url = messageUrl(call.args, 'messageId');
    const draft = run('update', url, compose(call.args));
    attach(call, run, url);
    return asText(call, draft);
  },
  SendDraftMessage: (call, run) => {
    run('action', `${messageUrl(call.args, 'id')}/send`);
    return asSentence(call, 'Draft sent successfully.');
  },
  SendEmailWithAttachments: (call, run) => {
    const attachments = directAttachments(call.args);
    run('action', '/me/sendMail', {
      message: { ...compose(call.args), ...(attachments.length ? { attachments } : {}) },
    });
    return asSentence(call, 'Email sent successfully.');
  },
  UpdateMessage: (call, run) => {
    const fields = pickDefined(call.args, ['subject', 'categories', 'importance']);
    const body = bodyOf(call.args);
    return asText(call, run('update', messageUrl(call.args, 'id'), { ...fields, ...(body ? { body } : {}) }));
  },
  FlagEmail: (call, run) => {
    run('update', messageUrl(call.args, 'messageId'), { flag: { flagStatus: textOf(call.args, 'flagStatus') } });
    return asSentence(call, 'Flag updated successfully.');
  },
  DeleteMessage: (call, run) => {
    run('delete', messageUrl(call.args, 'id'));
    return asSentence(call, 'Message deleted successfully.');
  },
  ReplyToMessage: (call, run) => reply(call, run, 'reply', 'id'),
  ReplyAllToMessage: (call, run) => reply(call, run, 'replyAll', 'id'),
  ReplyWithFullThread: (call, run) =>
    reply(call, run, isSet(call.args, 'replyAll') ? 'replyAll' : 'reply', 'messageId'),
  ReplyAllWithFullThread: (call, run) => reply(call, run, 'replyAll', 'messageId'),
  ForwardMessage: (call, run) => reply(call, run, 'forward', 'messageId'),
  ForwardMessageWithFullThread: (call, run) => reply(call, run, 'forward', 'messageId'),
  GetAttachments: (call, run) =>
    asText(
      call,
      run('fetch', `${messageUrl(call.args, 'messageId')}/attachments?$select=id,name,contentType,size,isInline`),
    ),
  DownloadAttachment: (call, run) =>
    asText(
      call,
      run('fetch', `${messageUrl(call.args, 'messageId')}/attachments/${encoded(call.args, 'attachmentId')}`),
    ),
  UploadAttachment: (call, run) => upload(call, run),
  UploadLargeAttachment: (call, run) => upload(call, run),
  DeleteAttachment: (call, run) => {
    run('delete', `${messageUrl(call.args, 'messageId')}/attachments/${encoded(call.args, 'attachmentId')}`);
    return asSentence(call, 'Attachment deleted successfully.');
  },
  AddDraftAttachments: (call, run) => {
    const url = messageUrl(call.args, 'messageId');
    attach(call, run, url);
    return asText(call, run('fetch', url));
  },
};

function reply(call: ToolCall, run: RunGraph, kind: 'reply' | 'replyAll' | 'forward', idName: string) {
  const { args } = call;
  const create = { reply: 'createReply', replyAll: 'createReplyAll', forward: 'createForward' }[kind];
  const to = textsOf(args, 'toRecipients') ?? textsOf(args, 'additionalTo') ?? [];
  const cc = textsOf(args, 'ccRecipients') ?? textsOf(args, 'additionalCc') ?? [];
  const bcc = textsOf(args, 'bccRecipients') ?? textsOf(args, 'additionalBcc') ?? [];
  const body = {
    comment: textOf(args, 'comment') ?? textOf(args, 'introComment') ?? '',
    message: { toRecipients: to.map(recipient), ccRecipients: cc.map(recipient), bccRecipients: bcc.map(recipient) },
  };
  if (args['sendImmediately'] === false) {
    return asText(call, run('action', `${messageUrl(args, idName)}/${create}`, body));
  }
  run('action', `${messageUrl(args, idName)}/${kind}`, body);
  return asSentence(call, kind === 'forward' ? 'Message forwarded successfully.' : 'Reply sent successfully.');
}

function upload(call: ToolCall, run: RunGraph) {
  const { fileName, contentBase64, contentType } = call.args;
  const file = { name: fileName, contentBytes: contentBase64, ...(contentType ? { contentType } : {}) };
  return asText(call, run('create', `${messageUrl(call.args, 'messageId')}/attachments`, file));
}

/** Files by link become small files whose content is the link. */
function attach(call: ToolCall, run: RunGraph, url: string): void {
  const linked = (textsOf(call.args, 'attachmentUris') ?? []).map((uri) => ({
    name: decodeURIComponent(uri.split('/').at(-1) ?? 'file'),
    contentType: 'text/uri-list',
    contentBytes: Buffer.from(uri).toString('base64'),
  }));
  for (const file of [...linked, ...directAttachments(call.args)]) run('create', `${url}/attachments`, file);
}

function directAttachments(args: ToolArguments): { name: string; contentType: string; contentBytes: string }[] {
  const given = Array.isArray(args['directAttachments']) ? (args['directAttachments'] as Entity[]) : [];
  return given.map((file) => ({
    name: String(file['FileName'] ?? 'file'),
    contentType: String(file['ContentType'] ?? 'application/octet-stream'),
    contentBytes: String(file['ContentBase64'] ?? ''),
  }));
}

function compose(args: ToolArguments): Entity {
  const message: Entity = pickDefined(args, ['subject']);
  const body = bodyOf(args);
  if (body) message['body'] = body;
  for (const [name, property] of [
    ['to', 'toRecipients'],
    ['cc', 'ccRecipients'],
    ['bcc', 'bccRecipients'],
  ] as const) {
    const addresses = textsOf(args, name);
    if (addresses) message[property] = addresses.map(recipient);
  }
  return message;
}

function bodyOf(args: ToolArguments): MessageBody | undefined {
  const content = textOf(args, 'body');
  if (content === undefined) return undefined;
  const isHtml = /html/i.test(textOf(args, 'contentType') ?? '') || /^\s*</.test(content);
  return { contentType: isHtml ? 'html' : 'text', content };
}

function withTextBody(message: Entity): Entity {
  const body = message['body'] as MessageBody | undefined;
  return body ? { ...message, body: { contentType: 'text', content: plainText(body) } } : message;
}

function recipient(address: string) {
  return { emailAddress: { address } };
}

function pickDefined(args: ToolArguments, names: string[]): Entity {
  return Object.fromEntries(names.filter((name) => args[name] !== undefined).map((name) => [name, args[name]]));
}

function messageUrl(args: ToolArguments, name: string): string {
  return `/me/messages/${encoded(args, name)}`;
}

function encoded(args: ToolArguments, name: string): string {
  return encodeURIComponent(textOf(args, name) ?? '');
}
