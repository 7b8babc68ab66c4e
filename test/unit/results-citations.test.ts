// What an answer cites: where the citations stand, in which order, and what kind each is said to be.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { citationsIn } from '../../extension/results/citations.ts';
import { shapeOf, type ResultShape } from '../../extension/results/result-shape.ts';

const cited = (title: string, url?: string, more: object = {}): object => ({
  attributionType: 'citation',
  providerDisplayName: title,
  seeMoreWebUrl: url,
  ...more,
});

function titlesOf(shape: ResultShape): string[] {
  assert.equal(shape.kind, 'answer');
  return shape.kind === 'answer' ? shape.citations.map(({ title }) => title) : [];
}

describe('citations', () => {
  const kinds: [string, string | undefined, string | undefined][] = [
    ['Budget review', 'https://outlook.office365.com/owa/?ItemID=A', 'Outlook'],
    ['Launch', 'https://teams.microsoft.com/l/message/1', 'Teams'],
    ['Plan.docx', 'https://contoso.sharepoint.com/sites/x', 'Word'],
    ['Numbers', 'https://contoso-my.sharepoint.com/personal/a/Numbers.XLSX?web=1', 'Excel'],
    ['Slides.pptx', undefined, 'PowerPoint'],
    ['Team site', 'https://contoso.sharepoint.com/sites/x', 'SharePoint'],
    ['Notes', 'https://contoso-my.sharepoint.com/personal/a', 'OneDrive'],
    ['News', 'https://news.example/today', 'Web'],
    ['A name', undefined, undefined],
    ['Not an address', 'Q3: a review', undefined],
    // It only looks like Outlook.
    ['Trap', 'https://evil.example/outlook.office365.com', 'Web'],
  ];
  for (const [title, url, type] of kinds)
    test(`citations - ${title} is ${type ?? 'of no known kind'}`, () =>
      assert.deepEqual(citationsIn([cited(title, url)]), [{ title, url, type }]));

  test('citations - what is only mentioned is said to be, and one without a title is left out', () => {
    const list = [cited('Rob', 'https://x.example/', { attributionType: 'annotation' }), cited('')];
    assert.deepEqual(citationsIn(list), [{ title: 'Rob', url: 'https://x.example/', type: 'Mentioned' }]);
  });

  test('citations - they are found beside the answer, in its conversation, and in a conversation as Graph gives it', () => {
    const messages = [
      { text: 'the question', attributions: [cited('the question')] },
      { text: 'It moved [^1^].', attributions: [cited('One'), cited('Two')] },
    ];
    const rawResponse = JSON.stringify({ messages });
    const conversation = { '@odata.type': '#microsoft.graph.copilotConversation', id: 'c', messages };
    for (const value of [
      { response: 'It moved.', attributions: [cited('One'), cited('Two')] },
      { response: 'It moved.', rawResponse },
      { reply: 'It moved.', rawResponse },
      conversation,
    ])
      assert.deepEqual(titlesOf(shapeOf(value)), ['One', 'Two']);
    assert.partialDeepStrictEqual(shapeOf(conversation), {
      kind: 'answer',
      text: 'It moved [^1^].',
      conversationId: 'c',
    });
  });

  for (const source of [undefined, null, '', 'no JSON', '{"messages":1}', 42, [{ providerDisplayName: 5 }], {}])
    test(`citations - there are none in ${JSON.stringify(source)}`, () => assert.deepEqual(citationsIn(source), []));
});
