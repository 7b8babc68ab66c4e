// The two pages a browser shows when it comes back from Microsoft; static, so that nothing from outside gets into them.

function page(options: { title: string; heading: string; text: string; mark: string; tone: string }): string {
  const { title, heading, text, mark, tone } = options;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText;
  font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
main { max-width: 26rem; padding: 2rem; text-align: center; }
.mark { width: 3.5rem; height: 3.5rem; margin: 0 auto 1rem; border-radius: 50%; display: grid; place-items: center;
  background: ${tone}; color: #fff; font-size: 1.75rem; }
h1 { font-size: 1.375rem; font-weight: 600; margin: 0 0 .5rem; }
p { margin: 0; opacity: .8; }
</style>
</head>
<body><main><div class="mark" aria-hidden="true">${mark}</div><h1>${heading}</h1><p>${text}</p></main></body>
</html>
`;
}

/** Says no more than is true at that moment: the agent has not confirmed anything yet. */
export const successPage = page({
  title: 'RockBot',
  heading: 'Signed in',
  text: 'RockBot now hands this sign-in to your agent. You can close this page and go back to where you started; it tells you when the agent is connected.',
  mark: '&#10003;',
  tone: '#107c41',
});

export const failurePage = page({
  title: 'RockBot',
  heading: 'Sign-in not completed',
  text: 'Nothing was handed to your agent. Go back to where you started to see why and to try again.',
  mark: '!',
  tone: '#b10e1c',
});
