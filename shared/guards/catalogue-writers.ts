// Which writing tools of the Agent 365 catalogue reach other people.
// Source: tool listings of August and September 2026.

/** They change only what the user sees, or what others find when they look. */
const quiet = namesIn(`
  CreateDraftMessage UpdateDraft UpdateMessage FlagEmail DeleteMessage
  UploadAttachment UploadLargeAttachment DeleteAttachment AddDraftAttachments
  SendMessageToSelf
  CreateDocument CreateWorkbook
  createFolder createSmallTextFile moveSmallFile renameFileOrFolder deleteFileOrFolder setSensitivityLabelOnFile
  createFolderInMyOnedrive createSmallTextFileInMyOnedrive moveSmallFileInMyOnedrive renameFileOrFolderInMyOnedrive
  deleteFileOrFolderInMyOnedrive setSensitivityLabelOnFileInMyOnedrive
  createList createListColumn editListColumn deleteListColumn createListItem updateListItem deleteListItem
`);

/** They send, share, invite or answer, or change what others take part in. */
const reaching = namesIn(`
  SendDraftMessage SendEmailWithAttachments ReplyToMessage ReplyAllToMessage ReplyWithFullThread ReplyAllWithFullThread
  ForwardMessage ForwardMessageWithFullThread
  CreateEvent UpdateEvent DeleteEvent DeleteEventById CancelEvent ForwardEvent AcceptEvent TentativelyAcceptEvent DeclineEvent
  PostMessage PostChannelMessage ReplyToChannelMessage UpdateChatMessage DeleteChatMessage
  CreateChat UpdateChat DeleteChat AddChatMember
  CreateChannel CreatePrivateChannel UpdateChannel AddChannelMember UpdateChannelMember
  AddComment CreateComment ReplyToComment
  shareFileOrFolder shareFileOrFolderInMyOnedrive
`);

/** Arguments with which a quiet tool reaches other people after all, in small letters and without signs. */
const reachingArguments: ReadonlySet<string> = new Set(['sharewith', 'sendinvitation', 'recipientemails']);

/** Undefined for tools that are no known writers of the catalogue. */
export function catalogueWriter(tool: string): 'quiet' | 'reaching' | undefined {
  // An earlier generation of the catalogue names them `CreateDraftMessageAsync`.
  const name = tool.toLowerCase().replace(/async$/, '');
  if (reaching.has(name)) return 'reaching';
  return quiet.has(name) ? 'quiet' : undefined;
}

/** The argument with which a quiet tool reaches other people, if there is one. */
export function reachingArgument(args: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(args).find(
    ([name, value]) => reachingArguments.has(name.toLowerCase().replace(/[^a-z0-9]/g, '')) && !isNothing(value),
  )?.[0];
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.trim().toLowerCase().split(/\s+/));
}
