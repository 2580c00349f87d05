import { serveJobs } from '@perigee/workers';
import { createOnnxJobs } from '../engines/onnx-jobs.ts';

serveJobs(createOnnxJobs());
