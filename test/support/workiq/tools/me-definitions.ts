// The tools of the catalogue's people server as its tools/list shows them. Definitions only.
import { count, text, texts, tool, type ToolDefinition } from './tool.ts';

export const ME_TOOLS: readonly ToolDefinition[] = [
  tool('GetMyDetails', 'Profile of the signed-in user.', { select: text(), expand: text() }),
  tool('GetUserDetails', "Profile of one user by id, user principal name or 'me'.", {
    'userIdentifier!': text(),
    select: text(),
    expand: text(),
  }),
  tool('GetMultipleUsersDetails', 'Look several users up by a property.', {
    propertyToSearchBy: text('displayName, mail or userPrincipalName'),
    'searchValues!': texts(),
    select: text(),
    top: count(),
    orderby: text(),
  }),
  tool('GetManagerDetails', 'Manager of a user.', { 'userId!': text(), select: text() }),
  tool('GetDirectReportsDetails', 'Direct reports of a user.', { 'userId!': text(), select: text() }),
];
