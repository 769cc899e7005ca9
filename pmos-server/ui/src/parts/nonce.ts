/** The nonce of this page. The property is read because the attribute reads empty once the page is parsed. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
