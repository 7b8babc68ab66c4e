// The product's version; the build replaces the constant with package.json's.

declare const __ROCKBOT_VERSION__: string | undefined;

export const version: string = typeof __ROCKBOT_VERSION__ === 'undefined' ? '0.0.0-dev' : __ROCKBOT_VERSION__;
