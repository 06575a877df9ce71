/** One thing to see, in every form that somebody may be able to show: by MIME type. Text is always among them. */
export interface MimeBundle {
  readonly 'text/plain': string;
  readonly 'text/html'?: string;
  readonly 'image/svg+xml'?: string;
  /** A figure as plotly's JSON, which JupyterLab draws. */
  readonly 'application/vnd.plotly.v1+json'?: object;
}
