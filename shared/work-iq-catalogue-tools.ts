// Names and one-line descriptions of the tools that servers of Work IQ are known to offer; `work-iq-catalogue.ts` reads it.

/** Two servers have these alike. */
const documentTools = `
  createFolder: Create a folder.
  findFileOrFolder: Search files and folders across SharePoint/OneDrive.
  findSite: Search sites.
  createSmallTextFile: Create a text file (≤5 MB).
  readSmallTextFile: Read a text file (≤5 MB).
  moveSmallFile: Move a file inside a library.
  deleteFileOrFolder: Delete an item.
  renameFileOrFolder: Rename an item.
  shareFileOrFolder: Invite people to an item.
  getFileOrFolderMetadata: Metadata by id.
  getFileOrFolderMetadataByUrl: Metadata by sharing or web URL.
  getFolderChildren: First 20 children of a folder.
  listDocumentLibrariesInSite: Libraries of a site.
  getDefaultDocumentLibraryInSite: Default library of a site.
  setSensitivityLabelOnFile: Set or clear a sensitivity label.
`;

/** By server: one tool a line, `name: description`. */
export const workIqToolText: Readonly<Record<string, string>> = {
  workiq: `
    fetch: Read one or more Microsoft 365 entities by relative path, in parallel.
    fetch_blob: Read binary content as base64.
    create_entity: POST to a collection.
    update_entity: PATCH one entity.
    delete_entity: DELETE one entity.
    do_action: POST a side-effect action such as sendMail, accept, move.
    call_function: GET a Graph function: calendarView, delta, drive search, getSchedule-like reads.
    ask: Ask Microsoft 365 Copilot or one agent in plain language.
    list_agents: Agents usable with ask.
    get_schema: Schema of one path and operation.
    search_paths: Find available paths by regex.
  `,
  mcp_MailTools: `
    SearchMessagesQueryParameters: Search mail with OData query options given as one string that starts with '?' ($filter, $search, $top, $select, $orderby). Page by passing the previous answer's nextLink.
    SearchMessages: Ask Copilot, in plain language, to find mail. Slow; answer is prose plus citations.
    GetMessage: Read one message by id.
    CreateDraftMessage: Create a draft, send nothing.
    UpdateDraft: Change recipients, text or attachments of a draft.
    SendDraftMessage: Send an existing draft.
    SendEmailWithAttachments: Compose and send at once, attachments optional (M365 file links or base64).
    UpdateMessage: Change subject, body, categories or importance of a message.
    FlagEmail: Set, complete or clear the follow-up flag.
    DeleteMessage: Delete a message.
    ReplyToMessage: Reply to the sender.
    ReplyAllToMessage: Reply to everyone.
    ReplyWithFullThread: Reply, keep the quoted thread, add recipients, optionally re-attach files.
    ReplyAllWithFullThread: Reply-all variant of the above.
    ForwardMessage: Forward to new recipients.
    ForwardMessageWithFullThread: Forward with the quoted thread; reports the sensitivity label.
    GetAttachments: List attachment metadata.
    DownloadAttachment: Attachment bytes as base64.
    UploadAttachment: Attach a small file (<3 MB, base64).
    UploadLargeAttachment: Attach a 3–150 MB file (chunked by the server).
    DeleteAttachment: Remove an attachment.
    AddDraftAttachments: Attach M365 files by link to a draft.
  `,
  mcp_CalendarTools: `
    ListEvents: Events of a user's calendar; a series comes back once.
    ListCalendarView: Expanded event instances in a window.
    CreateEvent: Create a meeting or appointment.
    UpdateEvent: Change an event; attendees are added or removed by lists.
    DeleteEventById: Delete an event.
    FindMeetingTimes: Suggest free slots.
    AcceptEvent: Accept an invitation.
    TentativelyAcceptEvent: Answer 'maybe'.
    DeclineEvent: Decline an invitation.
    CancelEvent: Cancel a meeting the user organises and tell the attendees.
    ForwardEvent: Forward an invitation.
    GetUserDateAndTimeZoneSettings: Mailbox time zone and formats.
    GetRooms: Bookable rooms.
    GetOnlineMeetingTranscripts: Transcripts of a Teams meeting.
    GetOnlineMeetingAiInsights: AI notes and action items of a meeting.
    GetOnlineMeetingAttendanceReports: Who attended.
  `,
  mcp_TeamsServer: `
    ListTeams: Teams the user belongs to.
    ListChats: Chats of the signed-in user, optionally by member or topic.
    ListChannels: Channels of a team.
    ListChatMessages: Messages of a chat.
    ListChannelMessages: Root posts of a channel.
    ListChannelMessageReplies: Replies to one post.
    GetTeam: One team.
    GetChat: One chat.
    GetChannel: One channel.
    GetChatMessage: One chat message.
    ListChatMembers: Members of a chat.
    ListChannelMembers: Members of a channel.
    SearchTeamsMessages: Plain-language search through Copilot (prose + citations).
    SearchTeamMessagesQueryParameters: KQL search; answer is Graph search hitsContainers.
    PostMessage: Send to a chat.
    SendMessageToSelf: Send to the user's own notes chat.
    PostChannelMessage: New post in a channel.
    ReplyToChannelMessage: Reply under a post.
    CreateChat: Start a one-to-one or group chat.
    UpdateChat: Rename a group chat.
    DeleteChat: Delete a chat.
    CreateChannel: Create a standard channel.
    CreatePrivateChannel: Create a private channel.
    UpdateChannel: Rename or describe a channel.
    AddChatMember: Add a member to a chat.
    AddChannelMember: Add a member to a channel.
    UpdateChannelMember: Change a channel member's role.
    UpdateChatMessage: Edit a chat message.
    DeleteChatMessage: Soft-delete a chat message.
  `,
  mcp_MeServer: `
    GetMyDetails: Profile of the signed-in user.
    GetUserDetails: Profile of one user by id, UPN or 'me'.
    GetMultipleUsersDetails: Directory lookup of several users by a property.
    GetManagerDetails: Manager of a user.
    GetDirectReportsDetails: Direct reports of a user.
  `,
  mcp_M365Copilot: `
    CopilotChat: Ask Microsoft 365 Copilot; carries citations; 10–60 s and more.
  `,
  mcp_WordServer: `
    CreateDocument: Create a Word file in OneDrive from HTML or text.
    GetDocumentContent: Text and comments of a Word file.
    AddComment: Add a comment.
    ReplyToComment: Reply to a comment.
  `,
  mcp_ExcelServer: `
    CreateWorkbook: Create an Excel file.
    GetDocumentContent: Cell text of a workbook.
    CreateComment: Comment on a workbook.
    ReplyToComment: Reply to a comment.
  `,
  mcp_ODSPRemoteServer: documentTools,
  mcp_OneDriveRemoteServer: `
    getOnedrive: The user's own drive.
    createFolderInMyOnedrive: Create a folder.
    findFileOrFolderInMyDrive: Search files and folders across SharePoint/OneDrive.
    createSmallTextFileInMyOnedrive: Create a text file (≤5 MB).
    readSmallTextFileFromMyOnedrive: Read a text file (≤5 MB).
    moveSmallFileInMyOnedrive: Move a file inside a library.
    deleteFileOrFolderInMyOnedrive: Delete an item.
    renameFileOrFolderInMyOnedrive: Rename an item.
    shareFileOrFolderInMyOnedrive: Invite people to an item.
    getFileOrFolderMetadataInMyOnedrive: Metadata by id.
    getFileOrFolderMetadataByUrl: Metadata by sharing or web URL.
    getFolderChildrenInMyOnedrive: First 20 children of a folder.
    setSensitivityLabelOnFileInMyOnedrive: Set or clear a sensitivity label.
  `,
  mcp_SharePointRemoteServer: documentTools,
  mcp_SharePointListsTools: `
    searchSitesByName: Find sites.
    getSiteByPath: Site by host name and path.
    listSubsites: Sub-sites.
    listLists: Lists of a site.
    createList: Create a list.
    listListColumns: Columns.
    createListColumn: Add a column.
    editListColumn: Change a column.
    deleteListColumn: Drop a column.
    listListItems: Items.
    createListItem: Add an item.
    updateListItem: Change an item.
    deleteListItem: Delete an item.
  `,
  mcp_DataverseServer: `
    list_tables: Tables of the environment.
    describe_table: T-SQL-like schema of a table.
    read_query: Read-only SQL SELECT.
    search: Keyword search.
    fetch: One record.
    create_record: Insert a row.
    update_record: Change a row.
    delete_record: Delete a row.
    create_table: Create a table.
    update_table: Change a table.
    delete_table: Drop a table.
  `,
  mcp_KnowledgeTools: `
    configure_federated_knowledge: Set up a knowledge source.
    delete_federated_knowledge: Remove one.
    ingest_federated_knowledge: Start ingest.
    query_federated_knowledge: List the configured sources.
    retrieve_federated_knowledge: Search one source.
  `,
};
