import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  type getVariableValues,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** What Shopify adds for a connection itself and for a mutation. */
const connectionCost = 2;
const mutationCost = 10;

export type VariableValues = NonNullable<ReturnType<typeof getVariableValues>["variableValues"]>;

export interface QueryToPrice {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  variables: VariableValues;
}

/**
 * What a query may cost at most (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits): nothing for a
 * leaf, 1 for an object, 10 for a mutation, and for a connection as often what one node costs as nodes are asked for.
 */
export function requestedCost(query: QueryToPrice): number {
  const { schema, operation } = query;
  const root = schema.getRootType(operation.operation);
  if (!root) return 0;
  const base = mutationCost * mutationsOf(operation);
  return Math.max(base + costOfSelections(query, root, operation.selectionSet, base > 0), 1);
}

function costOfSelections(
  query: QueryToPrice,
  parent: GraphQLNamedType,
  { selections }: SelectionSetNode,
  isMutation = false,
): number {
  return selections.reduce((sum, selection) => {
    if (selection.kind === Kind.FIELD) {
      const field = fieldOf(parent, selection);
      return field ? sum + costOfField(query, field, selection, isMutation) : sum;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? query.fragments.get(selection.name.value) : selection;
    if (!fragment) return sum;
    const on = fragment.typeCondition ? query.schema.getType(fragment.typeCondition.name.value) : parent;
    return on ? sum + costOfSelections(query, on, fragment.selectionSet) : sum;
  }, 0);
}

function costOfField(
  query: QueryToPrice,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  isMutation: boolean,
): number {
  const type = getNamedType(field.type);
  if (isLeafType(type) || !node.selectionSet) return 0;
  const within = isCompositeType(type) ? costOfSelections(query, type, node.selectionSet) : 0;
  if (!type.name.endsWith("Connection")) return (isMutation ? 0 : 1) + within;
  const { first, last } = getArgumentValues(field, node, query.variables);
  const asked = Number(first ?? last ?? 0);
  return connectionCost + asked * Math.max(within, 1);
}

function fieldOf(parent: GraphQLNamedType, node: FieldNode): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
}

/** How many there are in a document; fields that stand in fragments are not counted. */
export function mutationsOf({ operation, selectionSet }: OperationDefinitionNode): number {
  return operation === "mutation" ? selectionSet.selections.length : 0;
}

/** What a query has cost: 1 for each object that came back, and what it costs to ask at all. */
export function actualCost(data: unknown, requested: number, mutations: number): number {
  const found = mutationCost * mutations + countObjects(data) - 1;
  return Math.min(Math.max(found, 1), requested);
}

function countObjects(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : 1;
  return Object.values(value).reduce((sum: number, one) => sum + countObjects(one), own);
}
