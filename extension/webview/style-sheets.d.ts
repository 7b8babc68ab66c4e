// Style sheets are imported for esbuild to put beside the page; they have no value.
declare module '*.css';
