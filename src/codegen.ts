export { preset } from '@sallyport/guards/codegen';
