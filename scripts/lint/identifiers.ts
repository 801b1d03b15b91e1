/** The role of an identifier at its position. */

import { parentOf } from "./nodes.ts";

/** Whether the identifier declares a name in this file. */
export function isDeclared(node: Deno.lint.Identifier): boolean {
  const parent = parentOf(node);
  switch (parent.type) {
    case "VariableDeclarator":
    case "ClassDeclaration":
      return parent.id === node;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "TSDeclareFunction":
      return parent.id === node || (parent.params as unknown[]).includes(node);
    case "ArrowFunctionExpression":
      return (parent.params as unknown[]).includes(node);
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
    case "ArrayPattern":
      return true;
    case "AssignmentPattern":
      return parent.left === node;
    case "Property":
      return parent.value === node && parentOf(parent).type === "ObjectPattern";
    default:
      return false;
  }
}

/** Whether the identifier refers to a value, and is not the name of a member or a parameter of a type. */
export function isReference(node: Deno.lint.Identifier): boolean {
  const parent = parentOf(node);
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      return parent.value === node;
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSFunctionType":
    case "TSAbstractMethodDefinition":
    case "TSAbstractPropertyDefinition":
    case "LabeledStatement":
    case "ExportSpecifier":
    case "TSNamedTupleMember":
      return false;
    case "TSQualifiedName":
      return parent.left === node;
    default:
      return true;
  }
}
