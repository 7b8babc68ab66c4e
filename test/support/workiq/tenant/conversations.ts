// Teams chats and their messages, shared by their members. Knows no path, query or policy.
import { instant } from './days.ts';
import { threadId } from './identity.ts';
import type { Person } from './people.ts';
import type { Tenant } from './tenant.ts';

export type ChatMember = {
  '@odata.type': '#microsoft.graph.aadUserConversationMember';
  id: string;
  roles: string[];
  displayName: string;
  userId: string;
  email: string;
};

export type Chat = {
  id: string;
  topic: string | null;
  chatType: 'oneOnOne' | 'group' | 'meeting';
  createdDateTime: string;
  lastUpdatedDateTime: string;
  webUrl: string;
  members: ChatMember[];
};

export type ChatMessage = {
  id: string;
  messageType: 'message';
  chatId: string;
  createdDateTime: string;
  lastModifiedDateTime: string;
  deletedDateTime: string | null;
  importance: 'normal' | 'high' | 'urgent';
  webUrl: null;
  from: { user: { id: string; displayName: string; userIdentityType: 'aadUser' } };
  body: { contentType: 'text' | 'html'; content: string };
  attachments: unknown[];
  mentions: unknown[];
  reactions: unknown[];
};

export type Conversations = { chats: Chat[]; messages: Map<string, ChatMessage[]> };

export function chatsOf(tenant: Tenant, person: Person): Chat[] {
  return tenant.conversations.chats
    .filter((chat) => chat.members.some((member) => member.userId === person.id))
    .sort((a, b) => b.lastUpdatedDateTime.localeCompare(a.lastUpdatedDateTime));
}

export function openChat(
  tenant: Tenant,
  options: { key: string; topic: string | null; chatType: Chat['chatType']; members: Person[]; createdAt: Date },
): Chat {
  const id = threadId(options.key);
  const chat: Chat = {
    id,
    topic: options.topic,
    chatType: options.chatType,
    createdDateTime: instant(options.createdAt),
    lastUpdatedDateTime: instant(options.createdAt),
    webUrl: `https://teams.microsoft.example/l/chat/${encodeURIComponent(id)}/0`,
    members: options.members.map((person) => ({
      '@odata.type': '#microsoft.graph.aadUserConversationMember',
      id: Buffer.from(`${id}/${person.id}`).toString('base64url').slice(0, 40),
      roles: ['owner'],
      displayName: person.displayName,
      userId: person.id,
      email: person.mail,
    })),
  };
  tenant.conversations.chats.push(chat);
  tenant.conversations.messages.set(id, []);
  return chat;
}

export function post(
  tenant: Tenant,
  chat: Chat,
  from: Person,
  options: { content: string; contentType?: 'text' | 'html'; at?: Date },
): ChatMessage {
  const moment = options.at ?? tenant.clock();
  const sent = tenant.conversations.messages.get(chat.id) ?? [];
  const newest = Math.max(0, ...sent.map((message) => Number(message.id)));
  const message: ChatMessage = {
    id: String(Math.max(moment.getTime(), newest + 1)),
    messageType: 'message',
    chatId: chat.id,
    createdDateTime: instant(moment),
    lastModifiedDateTime: instant(moment),
    deletedDateTime: null,
    importance: 'normal',
    webUrl: null,
    from: { user: { id: from.id, displayName: from.displayName, userIdentityType: 'aadUser' } },
    body: { contentType: options.contentType ?? 'text', content: options.content },
    attachments: [],
    mentions: [],
    reactions: [],
  };
  sent.push(message);
  tenant.conversations.messages.set(chat.id, sent);
  chat.lastUpdatedDateTime = message.createdDateTime;
  return message;
}
