export { decodeFolder, encodeFolder, FOLDER_MAGIC, isFolder } from './folder.ts';
export { checkFolderPath } from './folder-path.ts';
export { readTensors, SAFETENSORS_LENGTH_BYTES, safetensorsHeaderBytes, type TensorEntry } from './safetensors.ts';
