import { folderModels } from '../models/folder-models.ts';

export const mlxModels = folderModels('MLX', 'bfloat16');
