/** The lazy chunk: everything that connects and checks. Nothing of it is needed to paint the page. */
export { createLightNode } from '@perigee/sampler';
