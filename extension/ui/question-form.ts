// Asks the fields of a server's question in quick inputs, one after the other, checked as they are typed. Its texts are a
// stranger's and are shown as text alone.
import { QuickInputButtons, window, type QuickInput, type QuickPickItem } from 'vscode';
import type { ElicitationAsked, ElicitationContent } from '../../shared/contract/elicitation-messages.ts';
import { questionForm, valueOf, type FormStep, type QuestionForm, type StepValue } from '../elicitation/form-steps.ts';
import { cleanLine } from '../results/clean-text.ts';
import { notificationText } from '../results/notification-text.ts';

/** `back`: to the field before; `closed`: by Escape or because the question is over. */
type Entered = { kind: 'value'; value: StepValue | undefined } | { kind: 'back' } | { kind: 'closed' };

interface Place {
  title: string;
  canGoBack: boolean;
  /** What was entered before, when somebody came back. */
  earlier: StepValue | undefined;
  before: ElicitationContent;
  form: QuestionForm;
  signal: AbortSignal;
}

/** True when it is to be accepted or declined, and nothing else. */
export function hasNoFields(requestedSchema: ElicitationAsked['requestedSchema']): boolean {
  return questionForm(requestedSchema)?.steps.length === 0;
}

/** Undefined when it was closed, or cannot be shown by this version. */
export async function fillQuestion(
  question: ElicitationAsked,
  signal: AbortSignal,
): Promise<ElicitationContent | undefined> {
  const form = questionForm(question.requestedSchema);
  if (form === undefined) return undefined;
  const { steps } = form;
  let content: ElicitationContent = {};
  for (let index = 0; index < steps.length;) {
    const step = steps[index] as FormStep;
    const { [step.name]: earlier, ...before } = content;
    const place = {
      title: `${cleanLine(question.server)}: ${cleanLine(question.message).slice(0, 80)} (${index + 1}/${steps.length})`,
      canGoBack: index > 0,
      earlier,
      before,
      form,
      signal,
    };
    const entered = await (step.kind === 'text' || step.kind === 'number' ? enterText(step, place) : pick(step, place));
    if (entered.kind === 'closed') return undefined;
    if (entered.kind === 'back') {
      index--;
      continue;
    }
    content = entered.value === undefined ? before : { ...before, [step.name]: entered.value };
    index++;
  }
  return content;
}

async function enterText(step: FormStep, { form, before, earlier, ...place }: Place): Promise<Entered> {
  const input = window.createInputBox();
  input.prompt = safe(
    [step.label, step.about, step.isRequired ? '' : '(may be left empty)'].filter(Boolean).join(' · '),
  );
  input.placeholder = step.label;
  input.value = String(earlier ?? step.preset ?? '');
  const value = (): StepValue | undefined => (input.value === '' ? undefined : valueOf(input.value, step));
  // It takes the place of the prompt, which says what is asked for.
  const told = (problem: string | undefined): string =>
    problem === undefined ? '' : safe(`${step.label}: ${problem}`);
  const check = (): string | undefined => form.problem(step, value(), before);
  input.onDidChangeValue(() => {
    input.validationMessage = told(check());
  });
  return show(input, place, (done) => {
    input.onDidAccept(() => {
      const problem = check();
      if (problem === undefined) done({ kind: 'value', value: value() });
      else input.validationMessage = told(problem);
    });
  });
}

interface ChoiceItem extends QuickPickItem {
  value: StepValue | undefined;
}

async function pick(step: FormStep, { form, before, earlier, ...place }: Place): Promise<Entered> {
  const input = window.createQuickPick<ChoiceItem>();
  const isSeveral = step.kind === 'several';
  const about = safe([step.label, step.about].filter(Boolean).join(' · '));
  input.placeholder = about;
  input.canSelectMany = isSeveral;
  input.items = itemsOf(step);
  const chosen = earlier ?? step.preset;
  const isChosen = ({ value }: ChoiceItem): boolean =>
    Array.isArray(chosen) ? chosen.includes(value as string) : chosen !== undefined && value === chosen;
  if (isSeveral) input.selectedItems = input.items.filter(isChosen);
  else input.activeItems = input.items.filter(isChosen);
  return show(input, place, (done) => {
    input.onDidAccept(() => {
      const values = input.selectedItems.map(({ value }) => value as string);
      const value = isSeveral
        ? values.length === 0 && !step.isRequired
          ? undefined
          : values
        : input.selectedItems[0]?.value;
      const problem = form.problem(step, value, before);
      if (problem === undefined) done({ kind: 'value', value });
      else input.placeholder = `${safe(problem)} · ${about}`;
    });
  });
}

function itemsOf({ kind, choices, isRequired }: FormStep): ChoiceItem[] {
  const items: ChoiceItem[] =
    kind === 'yesNo'
      ? [
          { label: 'Yes', value: true },
          { label: 'No', value: false },
        ]
      : choices.map(({ value, title }) => ({ label: safe(title), value }));
  return isRequired || kind === 'several'
    ? items
    : [...items, { label: 'Leave out', value: undefined, alwaysShow: true }];
}

function show(
  input: QuickInput & { buttons: readonly unknown[]; onDidTriggerButton: (listener: () => void) => unknown },
  { title, canGoBack, signal }: Pick<Place, 'title' | 'canGoBack' | 'signal'>,
  listen: (done: (entered: Entered) => void) => void,
): Promise<Entered> {
  input.title = safe(title);
  // Looking something up elsewhere must not cancel the question.
  input.ignoreFocusOut = true;
  input.buttons = canGoBack ? [QuickInputButtons.Back] : [];
  return new Promise<Entered>((resolve) => {
    const close = (): void => resolve({ kind: 'closed' });
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    input.onDidTriggerButton(() => resolve({ kind: 'back' }));
    input.onDidHide(close);
    listen(resolve);
    input.show();
  }).finally(() => {
    input.dispose();
  });
}

/** Neither a link nor an icon comes of a stranger's text. */
function safe(text: string): string {
  return notificationText(text).replaceAll('$(', '$\u200b(');
}
