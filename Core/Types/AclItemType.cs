namespace VecSql.Core.Types;

/// <summary>aclitem: rights of one grantee as text, "grantee=rights/grantor", as the catalog keeps them.</summary>
internal sealed class AclItemType : TextType;
